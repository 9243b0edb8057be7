import { type PoolClient } from 'pg';
import { type Json } from '../domain/json';

export interface NewRound {
  readonly actionId: string;
  readonly round: number;
  readonly facts: Readonly<Record<string, Json>>;
  readonly factsDigest: string;
  readonly digest: string;
  /** A code: what changed. */
  readonly why: string;
}

/** Opens the next round and ends the approval of the last: votes on the old digest say nothing about the new one. */
export async function openRound(client: PoolClient, tenant: string, next: NewRound): Promise<void> {
  await client.query(
    `insert into action_rounds (tenant, action, round, facts, facts_digest, digest, why)
     values ($1::text, $2::text, $3::integer, $4::jsonb, $5::text, $6::text, $7::text)`,
    [tenant, next.actionId, next.round, JSON.stringify(next.facts), next.factsDigest, next.digest, next.why],
  );
  await client.query(
    `update approval_requests set state = 'superseded', closed_at = clock_timestamp()
     where tenant = $1::text and action = $2::text and round < $3::integer and state in ('open', 'approved')`,
    [tenant, next.actionId, next.round],
  );
  await client.query('update actions set round = $3::integer where tenant = $1::text and action = $2::text', [
    tenant,
    next.actionId,
    next.round,
  ]);
}
