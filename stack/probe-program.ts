import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Report } from './report';

/** How a program is asked whether it is one that we can use; a file's name promises nothing. */
export interface Probe {
  readonly args: readonly string[];
  readonly accepts: (answer: string) => boolean;
  /** What is wrong with one that is not accepted, for people. */
  readonly otherwise: string;
}

/** The first program of that name in the directories that can be used; of those passed over, it is said why. */
export function firstUsable(
  name: string,
  probe: Probe,
  { directories, report }: { readonly directories: readonly string[]; readonly report: Report },
): string | undefined {
  for (const candidate of directories.map((directory) => join(directory, name))) {
    if (!isProgram(candidate)) continue;
    const wrong = whatIsWrong(candidate, probe);
    if (wrong === undefined) return candidate;
    report(`Not using ${candidate}: ${wrong}.`);
  }
  return undefined;
}

export function whatIsWrong(path: string, { args, accepts, otherwise }: Probe): string | undefined {
  if (!isProgram(path)) return 'there is no program there';
  try {
    const answer = execFileSync(path, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 15_000 });
    return accepts(answer) ? undefined : otherwise;
  } catch (error) {
    return `it does not answer \`${args.join(' ')}\` (${(error as Error).message.split('\n')[0] ?? ''})`;
  }
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
