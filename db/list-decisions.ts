import { type PoolClient } from 'pg';
import { type Finding } from '../domain/decision';

export interface StoredDecision {
  readonly round: number;
  readonly stage: string;
  readonly effect: 'allow' | 'deny' | 'require_approval';
  readonly findings: readonly Finding[];
  readonly chains: readonly string[];
  readonly bundleDigest: string;
  readonly decidedAt: Date;
}

/** Every decision on an action, oldest first. */
export async function listDecisions(client: PoolClient, tenant: string, action: string): Promise<StoredDecision[]> {
  const { rows } = await client.query<StoredDecision>(
    `select round, stage, effect, findings, chains, bundle_digest as "bundleDigest", decided_at as "decidedAt"
     from decisions where tenant = $1::text and action = $2::text order by decided_at, stage`,
    [tenant, action],
  );
  return rows;
}
