import { type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Json } from '../domain/json';
import { digestOf } from './digest-of';
import { type LedgerProof, verifyProof } from './ledger-proof';
import { parseLeaf } from './parse-leaf';

const shape = z.object({
  format: z.literal('countersign-receipt/1'),
  receipt: z.looseObject({
    tenant: z.string(),
    agent: z.string(),
    generation: z.number().int(),
    exceptions: z.array(z.unknown()),
  }),
  proof: z.unknown(),
});

/** What an offboarding found and left, with the proof that the ledger has its digest: to be verified without us. */
export interface ReceiptFile {
  readonly format: 'countersign-receipt/1';
  readonly receipt: Json;
  readonly proof: LedgerProof;
}

export interface ReceiptReport {
  readonly ok: boolean;
  readonly tenant?: string;
  readonly agent?: string;
  readonly generation?: number;
  /** How much a person answered for instead of a target. */
  readonly exceptions?: number;
  /** Why not. */
  readonly problem?: string;
}

/** Whether the log whose checkpoint one of the keys has signed says that this agent was offboarded with exactly this receipt. */
export function verifyReceipt(document: unknown, ...publicKeys: readonly KeyObject[]): ReceiptReport {
  const { success, data } = shape.safeParse(document);
  if (!success) return { ok: false, problem: 'not a receipt in the format countersign-receipt/1' };
  const { receipt, proof } = data;
  const { tenant, agent, generation } = receipt;
  const about = { tenant, agent, generation, exceptions: receipt.exceptions.length };
  const proved = verifyProof(proof, ...publicKeys);
  if (!proved.ok) return { ok: false, ...about, problem: proved.problem ?? 'the proof does not hold' };
  const leaf = parseLeaf((proof as LedgerProof).leaf);
  const entry = leaf?.entry ?? {};
  const named =
    leaf?.tenant === tenant &&
    entry['event'] === 'agent.offboarded' &&
    entry['agent'] === agent &&
    entry['generation'] === generation;
  if (!named) return { ok: false, ...about, problem: 'the proof is about something else' };
  // As it stands in the file: the copy that was parsed leaves out a member named __proto__.
  const same = entry['receipt'] === digestIn((document as { readonly receipt: Json }).receipt);
  return { ok: same, ...about, ...(!same && { problem: 'the ledger has the digest of another receipt' }) };
}

/** Nothing where it has no canonical text: such a receipt was never written. */
function digestIn(receipt: Json): string | undefined {
  try {
    return digestOf('receipt', receipt);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
