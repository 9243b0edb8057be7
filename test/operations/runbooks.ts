import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

export interface Runbook {
  /** As alerts name it. */
  readonly path: string;
  readonly text: string;
  /** Its blocks of commands, in their order. */
  readonly blocks: readonly string[];
}

export function readRunbooks(): readonly Runbook[] {
  const directory = join('docs', 'runbooks');
  return readdirSync(join(packageRoot(), directory))
    .filter((file) => file !== 'README.md')
    .map((file) => {
      const text = readFileSync(join(packageRoot(), directory, file), 'utf8');
      return {
        path: join(directory, file),
        text,
        blocks: [...text.matchAll(/^```sh runbook\n(.*?)^```$/gms)].map(([, block = '']) => block),
      };
    });
}
