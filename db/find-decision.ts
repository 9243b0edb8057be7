import { type PoolClient } from 'pg';
import { type Finding } from '../domain/decision';

/** What was decided first about a round, and the approval that it asked for. */
export interface StoredDecision {
  readonly effect: 'allow' | 'deny' | 'require_approval';
  readonly findings: readonly Finding[];
  readonly chains: readonly string[];
  readonly bundleDigest: string;
  readonly inputDigest: string;
}

const QUERY = `
  select effect, findings, chains, bundle_digest as "bundleDigest", input_digest as "inputDigest"
  from decisions where tenant = $1::text and action = $2::text and round = $3::integer and stage = 'initial'`;

export async function findDecision(
  client: PoolClient,
  tenant: string,
  actionId: string,
  round: number,
): Promise<StoredDecision | undefined> {
  const { rows } = await client.query<StoredDecision>(QUERY, [tenant, actionId, round]);
  return rows[0];
}
