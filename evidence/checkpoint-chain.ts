import { type KeyObject } from 'node:crypto';
import { type Checkpoint, noteHash, openCheckpointByAny } from './checkpoint';
import { type Finding } from './ledger-report';
import { NoteError } from './note';

export interface CheckpointChain {
  /** Those that are signed by the key, in their order; by size, but where a restored log is shorter. */
  readonly checkpoints: readonly Checkpoint[];
  /** Where an older backup was restored and the log went on from there. */
  readonly restores: readonly Restore[];
  readonly findings: readonly Finding[];
}

/** What was signed before an older backup was restored, and is not in the log. */
export interface Restore {
  /** The checkpoints before it, of which the larger ones are given up. */
  readonly before: readonly Checkpoint[];
  /** {@link noteHash} of the last of them. */
  readonly givenUp: string;
  /** The number of the entry in which an operator acknowledges that. */
  readonly acknowledged: number;
}

/**
 * Opens the notes of one exported file in their order: each signed by the key, naming the one before it, larger than
 * it unless it says that it gives it up. Where the key was replaced, the keys are given oldest first, and none signs after its successor has. What
 * is wrong with one note is found and said; the others still anchor what they anchor.
 */
export function openChain(
  notes: readonly string[],
  origin: string,
  ...publicKeys: readonly KeyObject[]
): CheckpointChain {
  const checkpoints: Checkpoint[] = [];
  const restores: Restore[] = [];
  const findings: Finding[] = [];
  let previousNote: string | undefined;
  let newest = 0;
  for (const [index, note] of notes.entries()) {
    const found = (code: Finding['code'], message: string): void =>
      void findings.push({ code, message: `checkpoint ${index + 1}${message}` });
    const last = checkpoints.at(-1);
    try {
      const { checkpoint, by } = openCheckpointByAny(note, origin, publicKeys);
      const { previous, acknowledged, size } = checkpoint;
      if (by < newest) found('checkpoint_signature', ': signed by a key that had been replaced before');
      newest = Math.max(newest, by);
      const before = previousNote === undefined ? undefined : noteHash(previousNote);
      if (previous !== before)
        found('checkpoint_chain', ' does not name the one before it: one is missing or was added');
      const givesUp = acknowledged !== undefined && acknowledged < size && previous === before;
      if (givesUp && before !== undefined) restores.push({ before: [...checkpoints], givenUp: before, acknowledged });
      if (last !== undefined && size <= last.size && !givesUp)
        found('checkpoint_chain', ` counts ${size} entries, the one before it ${last.size}`);
      else checkpoints.push(checkpoint);
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      found('checkpoint_signature', `: ${error.message}`);
    }
    previousNote = note;
  }
  return { checkpoints, restores, findings };
}

/**
 * Splits a checkpoint file: notes, each followed by an empty line. What follows the last complete one (a torn write)
 * comes back as `rest`.
 */
export function splitNotes(file: string): { readonly notes: readonly string[]; readonly rest: string } {
  const notes: string[] = [];
  let start = 0;
  for (;;) {
    const endOfText = file.indexOf('\n\n', start);
    const end = endOfText < 0 ? -1 : file.indexOf('\n\n', endOfText + 2);
    if (end < 0) return { notes, rest: file.slice(start) };
    notes.push(file.slice(start, end + 1));
    start = end + 2;
  }
}
