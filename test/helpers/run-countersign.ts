import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** Data and talk. */
  readonly said: string;
}

/** Runs the built command line as somebody would who has set these variables, without a terminal and with nothing of this process. */
export function runCountersign(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const program = join(packageRoot(), 'dist', 'cli', 'main.js');
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { env: { PATH: process.env['PATH'], ...env } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err, said: out + err }),
    );
    child.stdin?.end();
  });
}
