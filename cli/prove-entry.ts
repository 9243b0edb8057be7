import { type PoolClient } from 'pg';
import { readLedger, seqOfKey } from '../db/ledger-read';
import { openCheckpointByAny, originOf } from '../evidence/checkpoint';
import { type LedgerProof, verifyProof } from '../evidence/ledger-proof';
import { leafHash } from '../evidence/merkle';
import { inclusionRanges, rootsOf } from '../evidence/merkle-proofs';
import { CommandFailed } from './command-failed';
import { EXIT } from './exit-codes';
import { readNotes, readPublicKeys, type SourceOptions, withLog } from './commands/ledger-sources';

/**
 * The entry of that number or key, with the hashes that lead to the last checkpoint. The proof is verified before it is given out.
 *
 * @throws CommandFailed where there is no such entry, or no checkpoint that covers it
 */
export async function proveEntry(tenant: string, which: string, options: SourceOptions): Promise<LedgerProof> {
  const keys = await readPublicKeys(options);
  const checkpoint = (await readNotes(options, tenant)).at(-1);
  if (checkpoint === undefined)
    throw new CommandFailed(
      EXIT.usage,
      `no checkpoint of ${tenant} was exported yet: there is nothing to prove against`,
    );
  const { size } = openCheckpointByAny(checkpoint, originOf(tenant), keys).checkpoint;
  const proof = await withLog(options, async (log): Promise<LedgerProof> => {
    const seq = /^\d{1,15}$/.test(which) ? Number(which) : await seqOfKey(log, tenant, which);
    if (seq === undefined)
      throw new CommandFailed(EXIT.usage, `the log of ${tenant} has no entry with the key ${which}`);
    if (seq >= size)
      throw new CommandFailed(
        EXIT.usage,
        `entry ${seq} is not covered by a checkpoint yet: the last one covers ${size} entries`,
      );
    const roots = await rootsOf(inclusionRanges(seq, size), leafHashes(log, tenant, size));
    return {
      format: 'countersign-proof/1',
      tenant,
      seq,
      leaf: await leafAt(log, tenant, seq),
      proof: roots.map((root) => root.toString('base64')),
      checkpoint,
    };
  });
  const { ok, problem } = verifyProof(proof, ...keys);
  if (!ok)
    throw new CommandFailed(
      EXIT.usage,
      `the log no longer matches its checkpoint (${problem ?? 'unknown'}): run countersign ledger verify`,
    );
  return proof;
}

async function* leafHashes(log: PoolClient, tenant: string, to: number): AsyncGenerator<Buffer> {
  for await (const { leaf } of readLedger(log, tenant, { to })) yield leafHash(leaf);
}

async function leafAt(log: PoolClient, tenant: string, seq: number): Promise<string> {
  for await (const row of readLedger(log, tenant, { from: seq, to: seq + 1 })) if (row.seq === seq) return row.leaf;
  throw new CommandFailed(EXIT.usage, `entry ${seq} is missing: run countersign ledger verify`);
}
