import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { type SourceText } from '../files/read-directory';

/** Rego that every bundle contains: how findings are written and folded. */
export async function readLibrary(): Promise<SourceText[]> {
  const directory = join(packageRoot(), 'policies', 'lib');
  const names = (await readdir(directory)).filter((name) => name.endsWith('.rego') && !isTest(name)).sort();
  return Promise.all(
    names.map(async (name) => ({ file: `countersign/${name}`, text: await readFile(join(directory, name), 'utf8') })),
  );
}

/** Tests stand beside what they test, and are never compiled into a bundle. */
export function isTest(file: string): boolean {
  return file.endsWith('_test.rego');
}
