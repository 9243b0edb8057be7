import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { packageRoot } from '../../config/paths';
import { findTool } from '../../stack/find-tool';
import { type Spine } from '../helpers/spine';

/**
 * Runs a block of commands as an operator would, in a directory of theirs, with what the page says is needed and nothing of this process. Answers
 * with the exit code and everything that was printed.
 */
export async function runBlock(
  spine: Spine,
  directory: string,
  block: string,
  more: Readonly<Record<string, string>>,
): Promise<[number | null, string]> {
  const bin = join(directory, 'bin');
  mkdirSync(bin, { recursive: true });
  const temporal = await findTool('temporal', () => undefined);
  const program = (name: string, command: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  program('countersign', `${process.execPath} ${join(packageRoot(), 'dist', 'cli', 'main.js')}`);
  program('node', process.execPath);
  program('temporal', temporal);
  const child = spawn('bash', ['-euo', 'pipefail', '-c', block], {
    cwd: directory,
    env: {
      PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
      HOME: directory,
      COUNTERSIGN_URL: spine.gatewayUrl,
      COUNTERSIGN_ADMIN_URL: spine.adminUrl,
      COUNTERSIGN_HOME: spine.home,
      DATABASE_URL_AUDITOR: spine.database.auditorUrl,
      TEMPORAL_ADDRESS: spine.temporal.address,
      TEMPORAL_NAMESPACE: spine.temporal.namespace,
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ending = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ending]);
  return [code, out + err];
}
