import { type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { openCheckpointByAny, originOf } from './checkpoint';
import { leafHash } from './merkle';
import { verifyInclusion } from './merkle-proofs';
import { NoteError } from './note';
import { parseLeaf } from './parse-leaf';

/** The one spelling of 32 bytes: base64 leaves two bits of the last letter unused, and says nothing of them. */
const base64Hash = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/);

const shape = z.object({
  format: z.literal('countersign-proof/1'),
  tenant: z.string(),
  seq: z.number().int().nonnegative(),
  leaf: z.string(),
  proof: z.array(base64Hash).max(64),
  checkpoint: z.string(),
});

/**
 * One entry, a signed checkpoint that covers it, and the hashes between the two: what to hand to somebody who may not
 * see the rest of the log.
 */
export type LedgerProof = z.infer<typeof shape>;

export interface ProofReport {
  readonly ok: boolean;
  readonly tenant?: string;
  readonly seq?: number;
  /** Entries that the checkpoint covers. */
  readonly size?: number;
  /** Why not. */
  readonly problem?: string;
}

/** Whether the entry is in the log whose checkpoint one of the keys has signed; they are given oldest first. */
export function verifyProof(document: unknown, ...publicKeys: readonly KeyObject[]): ProofReport {
  const { success, data } = shape.safeParse(document);
  if (!success) return { ok: false, problem: 'not a proof in the format countersign-proof/1' };
  const { tenant, seq, leaf, proof, checkpoint: note } = data;
  const said = parseLeaf(leaf);
  if (said === undefined || said.seq !== seq || said.tenant !== tenant)
    return { ok: false, tenant, seq, problem: 'the leaf is not that entry of that tenant' };
  try {
    const { size, root } = openCheckpointByAny(note, originOf(tenant), publicKeys).checkpoint;
    const path = proof.map((hash) => Buffer.from(hash, 'base64'));
    const ok = verifyInclusion({ leaf: leafHash(leaf), index: seq, size, root, proof: path });
    return {
      ok,
      tenant,
      seq,
      size,
      ...(!ok && { problem: 'the hashes do not lead from the leaf to the signed root' }),
    };
  } catch (error) {
    if (error instanceof NoteError) return { ok: false, tenant, seq, problem: error.message };
    throw error;
  }
}
