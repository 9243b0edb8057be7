import { type KeyObject } from 'node:crypto';
import { type Checkpoint, noteHash, openCheckpointByAny } from './checkpoint';
import { type Finding } from './ledger-report';
import { NoteError } from './note';

export interface CheckpointChain {
  /** Those that are signed by the key, by size. */
  readonly checkpoints: readonly Checkpoint[];
  readonly findings: readonly Finding[];
}

/**
 * Opens the notes of one exported file in their order: each signed by the key, naming the one before it, larger than
 * it. Where the key was replaced, the keys are given oldest first, and none signs after its successor has. What is wrong
 * with one note is found and said; the others still anchor what they anchor.
 */
export function openChain(
  notes: readonly string[],
  origin: string,
  ...publicKeys: readonly KeyObject[]
): CheckpointChain {
  const checkpoints: Checkpoint[] = [];
  const findings: Finding[] = [];
  let previousNote: string | undefined;
  let newest = 0;
  for (const [index, note] of notes.entries()) {
    const last = checkpoints.at(-1);
    try {
      const { checkpoint, by } = openCheckpointByAny(note, origin, publicKeys);
      if (by < newest)
        findings.push({
          code: 'checkpoint_signature',
          message: `checkpoint ${index + 1}: signed by a key that had been replaced before`,
        });
      newest = Math.max(newest, by);
      const linked = checkpoint.previous === (previousNote === undefined ? undefined : noteHash(previousNote));
      if (!linked)
        findings.push({
          code: 'checkpoint_chain',
          message: `checkpoint ${index + 1} does not name the one before it: one is missing or was added`,
        });
      if (last !== undefined && checkpoint.size <= last.size) {
        findings.push({
          code: 'checkpoint_chain',
          message: `checkpoint ${index + 1} counts ${checkpoint.size} entries, the one before it ${last.size}`,
        });
      } else {
        checkpoints.push(checkpoint);
      }
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      findings.push({ code: 'checkpoint_signature', message: `checkpoint ${index + 1}: ${error.message}` });
    }
    previousNote = note;
  }
  return { checkpoints, findings };
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
