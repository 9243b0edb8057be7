import { type PoolClient } from 'pg';
import { type Json } from '../domain/json';

export interface NewRound {
  readonly action: string;
  readonly round: number;
  readonly facts: Readonly<Record<string, Json>>;
  readonly factsDigest: string;
  readonly digest: string;
  /** Why there is a round: `requested`, or what changed. */
  readonly why: string;
}

/** Records on what a new action is decided. Later rounds are opened by `openRound`. */
export async function insertRound(
  client: PoolClient,
  tenant: string,
  { action, round, facts, factsDigest, digest, why }: NewRound,
): Promise<void> {
  await client.query(
    `insert into action_rounds (tenant, action, round, facts, facts_digest, digest, why)
     values ($1::text, $2::text, $3::integer, $4::jsonb, $5::text, $6::text, $7::text)`,
    [tenant, action, round, JSON.stringify(facts), factsDigest, digest, why],
  );
}
