import { type Pool, type PoolClient } from 'pg';

/** Lets no effect of the tenant begin any more. One that was acknowledged is not opened again by the same checkpoint. */
export async function openLedgerDoubt(pool: Pick<Pool, 'query'>, tenant: string, contradicts: number): Promise<void> {
  await pool.query(
    'insert into ledger_doubts (tenant, contradicts) values ($1::text, $2::bigint) on conflict do nothing',
    [tenant, contradicts],
  );
}

/** Lets effects begin again, and writes down why. For whoever owns the database. Returns how many doubts were open. */
export async function acknowledgeRestore(client: PoolClient, tenant: string, reason: string): Promise<number> {
  const { rows } = await client.query<{ contradicts: string }>(
    `update ledger_doubts set acknowledged_at = clock_timestamp()
     where tenant = $1::text and acknowledged_at is null returning contradicts::text`,
    [tenant],
  );
  for (const { contradicts } of rows)
    await client.query(
      `select ledger_write($1::text, array['restore/' || $2::text || '/acknowledged'],
         array[canonical_object(jsonb_build_object('event', 'restore.acknowledged', 'contradicts', $2::bigint))],
         array[canonical_object(jsonb_build_object('reason', $3::text))])`,
      [tenant, contradicts, reason],
    );
  return rows.length;
}
