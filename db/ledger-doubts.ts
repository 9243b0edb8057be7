import { type Pool, type PoolClient } from 'pg';
import { seqOfKey } from './ledger-read';

/** A signed checkpoint that the log does not bear out. */
export interface Doubted {
  /** How many entries it covers. */
  readonly contradicts: number;
  /** Its `noteHash`. */
  readonly checkpoint: string;
}

/** Lets no effect of the tenant begin any more. One that was acknowledged is not opened again by the same checkpoint. */
export async function openLedgerDoubt(
  pool: Pick<Pool, 'query'>,
  tenant: string,
  { contradicts, checkpoint }: Doubted,
): Promise<void> {
  await pool.query(
    `insert into ledger_doubts (tenant, contradicts, checkpoint) values ($1::text, $2::bigint, $3::text) on conflict do nothing`,
    [tenant, contradicts, checkpoint],
  );
}

/** Lets effects begin again, and writes down why. For whoever owns the database. Returns how many doubts were open. */
export async function acknowledgeRestore(client: PoolClient, tenant: string, reason: string): Promise<number> {
  const { rows } = await client.query<{ contradicts: string; checkpoint: string }>(
    `update ledger_doubts set acknowledged_at = clock_timestamp()
     where tenant = $1::text and acknowledged_at is null returning contradicts::text, checkpoint`,
    [tenant],
  );
  for (const { contradicts, checkpoint } of rows)
    await client.query(
      `select ledger_write($1::text, array[$4::text],
         array[canonical_object(jsonb_build_object('event', 'restore.acknowledged', 'contradicts', $2::bigint, 'checkpoint', $5::text))],
         array[canonical_object(jsonb_build_object('reason', $3::text))])`,
      [tenant, contradicts, reason, keyOf(checkpoint), checkpoint],
    );
  return rows.length;
}

/** The number of the entry in which an operator takes on that what this checkpoint covers is not in the log. */
export async function acknowledgedIn(
  client: Pick<PoolClient, 'query'>,
  tenant: string,
  checkpoint: string,
): Promise<number | undefined> {
  return await seqOfKey(client, tenant, keyOf(checkpoint));
}

const keyOf = (checkpoint: string): string => `restore/${checkpoint}/acknowledged`;
