import { cpSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

/** Writes the example's policies to a directory, as those of a domain called `word`: other ids, other packages, another target, other limits. */
export function writeOwnPolicies(directory: string, word: string): void {
  cpSync(join(packageRoot(), 'docs', 'example', 'policies'), directory, { recursive: true });
  rename(directory, (text) =>
    text
      .replaceAll('shop', word)
      .replaceAll(/\b2000\b/g, '1500')
      .replaceAll('2001', '1501'),
  );
}

function rename(directory: string, change: (text: string) => string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) rename(path, change);
    else writeFileSync(path, change(readFileSync(path, 'utf8')));
    renameSync(path, join(directory, change(name)));
  }
}
