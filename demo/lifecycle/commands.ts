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

/** A secret by which an agent enrols, once. Alice owns the agents, and so stands behind their keys too. */
export async function issueSecret(home: string, agent: string): Promise<string> {
  const args = ['agents', 'credential', 'issue', agent, '--as', 'alice', '--json'];
  return (JSON.parse(await countersign(home, args)) as { readonly secret: string }).secret;
}

export async function endKey(home: string, agent: string, kid: string): Promise<void> {
  const why = ['--as', 'alice', '--reason', 'Another one has followed it.'];
  await countersign(home, ['agents', 'credential', 'revoke', agent, '--key', kid, ...why]);
}
