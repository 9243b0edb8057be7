import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Problem } from '../problem';

/** Ten thousand limits fit in one data file; that many files are a directory that was not meant. */
const MAX_FILES = 2_000;

/** A document is read by people. Data may be a table: two ceilings, both far above what is reasonable. */
const MAX_DOCUMENT_BYTES = 262_144;
const MAX_DATA_BYTES = 8_388_608;

/** Everything in a bundle is parsed when a process starts and held in the policy's memory (`pdp/fuel`). */
const MAX_TOTAL_BYTES = 16_777_216;

/** No sources: what `compile-committed` wrote. */
export const COMPILED_FOLDER = 'compiled';

export interface FileList {
  /** Relative, with forward slashes, sorted: the order must not depend on the disk. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

/** The files of a policy directory. Hidden files and folders are no part of it; links are refused, since a bundle holds what the directory shows. */
export async function listFiles(directory: string): Promise<FileList> {
  const files: string[] = [];
  const problems: Problem[] = [];
  let bytes = 0;
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.startsWith('.') || file === COMPILED_FOLDER) continue;
      if (entry.isDirectory()) open.push(file);
      else if (entry.isFile()) {
        const { size } = await stat(join(directory, file));
        const most = file.startsWith('data/') ? MAX_DATA_BYTES : MAX_DOCUMENT_BYTES;
        if (size > most)
          problems.push({ file, path: '', message: `is larger than ${String(most)} bytes.`, remedy: 'Split it.' });
        bytes += size;
        files.push(file);
      } else problems.push({ file, path: '', message: 'is a link or a device.', remedy: 'Put the file itself here.' });
    }
    if (files.length > MAX_FILES) break;
  }
  if (files.length > MAX_FILES)
    problems.push({
      file: '',
      path: '',
      message: `There are more than ${String(MAX_FILES)} files.`,
      remedy: 'Name the directory of the policies, not one above it.',
    });
  if (bytes > MAX_TOTAL_BYTES)
    problems.push({
      file: '',
      path: '',
      message: `The files are larger than ${String(MAX_TOTAL_BYTES)} bytes together.`,
      remedy: 'Keep facts about agents, customers and the like in a system of record and fetch them as facts.',
    });
  return { files: files.sort(), problems };
}
