import { type PoolClient } from 'pg';
import { type Finding } from '../domain/decision';

const QUERY = `
  select findings from decisions
  where tenant = $1::text and action = $2::text and effect = 'deny' order by decided_at desc limit 1`;

/** Why policy last said no to an action; empty if it never did. */
export async function findDenial(client: PoolClient, tenant: string, actionId: string): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ findings: readonly Finding[] }>(QUERY, [tenant, actionId]);
  return (rows[0]?.findings ?? []).filter((finding) => finding.effect === 'deny');
}
