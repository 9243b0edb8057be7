import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type SourceText } from '../files/read-directory';

/**
 * Lends a directory of its own that holds these files, so that opa sees what goes into the bundle and nothing else.
 * Its paths are those of the policy directory, and so are those in opa's messages.
 */
export async function withWorkspace<T>(
  files: readonly SourceText[],
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  try {
    for (const { file, text } of files) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), text);
    }
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
