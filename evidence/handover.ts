import { createPublicKey, type KeyObject } from 'node:crypto';
import { fingerprintOf, openNote, signNote } from './note';

/** The name that a checkpoint key signs this under, and nothing else: no checkpoint passes for one, nor the other way round. */
const NAME = 'countersign-checkpoint-key';

/** Says that `next` signs checkpoints from now on, signed by the key that did until now. A signed note like a checkpoint (docs/ledger-format.md). */
export function signHandover(old: KeyObject, next: KeyObject): string {
  return signNote(`${NAME}\n${fingerprintOf(createPublicKey(old))}\n${fingerprintOf(next)}\n`, NAME, old);
}

/** @throws NoteError unless `old` has signed that `next` follows it */
export function isHandover(note: string, old: KeyObject, next: KeyObject): boolean {
  return openNote(note, { name: NAME, publicKey: old }) === `${NAME}\n${fingerprintOf(old)}\n${fingerprintOf(next)}\n`;
}
