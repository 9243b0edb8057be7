import { type PoolClient } from 'pg';
import { type Asked } from './change-agents';
import { onlyRow } from './only-row';

/** Stops every tenant or lets them go on, as whoever owns the database; the ledger of one of them tells of it. Answers with the epoch. */
export async function moveGlobalFence(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  closed: boolean,
): Promise<number> {
  const { rows } = await client.query<{ epoch: number }>(
    `select move_fence($1::text, 'global', $4::boolean, $2::text, $3::text)::integer as epoch`,
    [tenant, reason, actor, closed],
  );
  return onlyRow(rows).epoch;
}
