import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Writes a file that only we may read, whole or not at all: a crash leaves the old one. */
export function writePrivate(path: string, content: string): void {
  const unfinished = `${path}.${String(process.pid)}`;
  const file = openSync(unfinished, 'w', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
}
