import { hash, type KeyObject } from 'node:crypto';
import { NoteError, openNote, signNote } from './note';

/** The head of a tenant's log at one moment, as signed. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  /** {@link noteHash} of the checkpoint before it; absent in the first. */
  readonly previous?: string;
  /** The one before it was given up, as an older backup was restored; the entry of this log that says so, by its number. */
  readonly acknowledged?: number;
}

const BODY =
  /^(\S+)\n([1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\nprevious (none|sha256:[0-9a-f]{64})\n(?:acknowledged (0|[1-9][0-9]{0,14})\n)?$/;

/** The name of a tenant's log, the first line of its checkpoints and the name of the key that signs them. */
export function originOf(tenant: string): string {
  return `countersign/${tenant}`;
}

/**
 * A checkpoint in the format of https://c2sp.org/tlog-checkpoint, with extension lines: the hash of the one before, and where that was given up.
 */
export function signCheckpoint(
  { origin, size, root, previous, acknowledged }: Checkpoint,
  privateKey: KeyObject,
): string {
  const givenUp = acknowledged === undefined ? '' : `acknowledged ${acknowledged}\n`;
  return signNote(
    `${origin}\n${size}\n${root.toString('base64')}\nprevious ${previous ?? 'none'}\n${givenUp}`,
    origin,
    privateKey,
  );
}

/** @throws NoteError unless the note is a checkpoint of that log, signed by that key */
export function openCheckpoint(note: string, origin: string, publicKey: KeyObject): Checkpoint {
  const [, name, size, root, previous, acknowledged] = BODY.exec(openNote(note, { name: origin, publicKey })) ?? [];
  if (size === undefined || root === undefined || previous === undefined)
    throw new NoteError('the note is not a checkpoint');
  if (name !== origin) throw new NoteError(`a checkpoint of another log: ${JSON.stringify(name)}`);
  if (!Number.isSafeInteger(Number(size))) throw new NoteError('a checkpoint counts more entries than a log can have');
  return {
    ...{ origin, size: Number(size), root: Buffer.from(root, 'base64') },
    ...(previous !== 'none' && { previous }),
    ...(acknowledged !== undefined && { acknowledged: Number(acknowledged) }),
  };
}

/**
 * The same where the key was replaced meanwhile.
 *
 * @param publicKeys oldest first
 * @returns the checkpoint, and which of the keys has signed it: the newest that did
 * @throws NoteError unless one of them has
 */
export function openCheckpointByAny(
  note: string,
  origin: string,
  publicKeys: readonly KeyObject[],
): { readonly checkpoint: Checkpoint; readonly by: number } {
  let refused: NoteError | undefined;
  for (let by = publicKeys.length - 1; by >= 0; by -= 1) {
    try {
      const publicKey = publicKeys[by];
      if (publicKey !== undefined) return { checkpoint: openCheckpoint(note, origin, publicKey), by };
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      refused ??= error;
    }
  }
  throw refused ?? new NoteError('there is no key to check the note by');
}

/** What the next checkpoint says of this one: a hash over the whole note, signatures included. */
export function noteHash(note: string): string {
  return `sha256:${hash('sha256', note, 'hex')}`;
}
