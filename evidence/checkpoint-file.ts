import { fstatSync, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { originOf } from './checkpoint';
import { splitNotes } from './checkpoint-chain';

/** Where a tenant's checkpoints are exported: notes, each followed by an empty line; only ever appended to. */
export function checkpointFile(directory: string, tenant: string): string {
  return join(directory, `${tenant}.checkpoints`);
}

// Many times the largest note that we write: the last complete one is surely in it.
const TAIL_BYTES = 64 * 1024;

/** The file holds something that is no checkpoint of the tenant. It is left as it is. */
export class CheckpointFileError extends Error {
  override readonly name = 'CheckpointFileError';
}

export interface LastNote {
  /** Absent where there is no file, or no note in it. */
  readonly note?: string;
  /** Bytes of the file. */
  readonly end: number;
}

/**
 * The last note of the file, and where it ends. A note that a crash left half written is cut off: it was handed to nobody, because that happens
 * after the fsync.
 */
export async function readLastNote(directory: string, tenant: string): Promise<LastNote> {
  const file = await openExisting(checkpointFile(directory, tenant));
  if (file === undefined) return { end: 0 };
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - from);
    await file.read(bytes, 0, bytes.length, from);
    const tail = bytes.toString('utf8');
    const first = `${originOf(tenant)}\n`;
    const start = tail.startsWith(first) || from === 0 ? 0 : tail.indexOf(`\n\n${first}`) + 2;
    const { notes, rest } = splitNotes(tail.slice(start));
    if (rest !== '' && !rest.startsWith(first) && !first.startsWith(rest)) {
      throw new CheckpointFileError(
        `${checkpointFile(directory, tenant)} does not hold checkpoints of ${tenant} alone`,
      );
    }
    const end = size - Buffer.byteLength(rest);
    if (rest !== '') await file.truncate(end);
    const note = notes.at(-1);
    return { ...(note !== undefined && { note }), end };
  } finally {
    await file.close();
  }
}

/**
 * Appends a note to a file that still ends where it was read, and returns when it is on the disk. `false`: another process has written meanwhile,
 * and this one was frozen for so long that it lost its lock; the note would not follow the last one.
 */
export async function appendNote(directory: string, tenant: string, note: string, end: number): Promise<boolean> {
  const path = checkpointFile(directory, tenant);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await open(path, 'a', 0o600);
  try {
    // Looked at and written in one breath: whoever is frozen between two turns of the event loop looks again when it wakes up.
    if (fstatSync(file.fd).size !== end) return false;
    writeSync(file.fd, `${note}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  // A new file survives a power failure only when its directory entry does.
  const parent = await open(dirname(path), 'r');
  try {
    await parent.sync();
  } finally {
    await parent.close();
  }
  return true;
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
