import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../config/child-environment';
import { packageRoot } from '../../config/paths';

const run = promisify(execFile);

/** The command line, as an operator of the stack in `home` runs it. */
export async function countersign(home: string, args: readonly string[]): Promise<string> {
  const program = join(packageRoot(), 'dist', 'cli', 'main.js');
  const env = childEnvironment({ hide: ['DATABASE_URL', 'COUNTERSIGN_'], set: { COUNTERSIGN_HOME: home } });
  return (await run(process.execPath, [program, ...args], { env })).stdout;
}

/** A new key of an agent, with its id. Alice owns the agents, and so stands behind their keys too. */
export async function issueKey(home: string, agent: string): Promise<{ readonly id: string; readonly secret: string }> {
  const out = await countersign(home, ['agents', 'key', 'issue', agent, '--tenant', 'demo', '--by', 'alice', '--json']);
  return JSON.parse(out) as { id: string; secret: string };
}

export async function revokeKey(home: string, id: string): Promise<void> {
  await countersign(home, ['agents', 'key', 'revoke', id, '--tenant', 'demo', '--by', 'alice']);
}
