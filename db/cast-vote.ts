import { type PoolClient } from 'pg';
import { onlyRow } from './only-row';

export interface Ballot {
  readonly request: string;
  readonly person: string;
  readonly choice: 'approve' | 'deny';
  /** Digest of the action that the person saw. */
  readonly digest: string;
  readonly reason: string | undefined;
  readonly channel: 'api' | 'cli' | 'slack' | 'email';
}

export type BallotResult =
  | 'recorded'
  | 'not_found'
  | 'self_approval'
  | 'not_entitled'
  | 'already_voted'
  | 'approval_expired'
  | 'approval_closed'
  | 'digest_mismatch'
  | 'reason_required';

/** The only way to vote: the database function checks everything and records vote, wake-up and ledger entry, or nothing. */
export async function castVote(client: PoolClient, tenant: string, ballot: Ballot): Promise<BallotResult> {
  const { rows } = await client.query<{ result: BallotResult }>(
    `select cast_vote($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text) as result`,
    [tenant, ballot.request, ballot.person, ballot.choice, ballot.digest, ballot.reason ?? null, ballot.channel],
  );
  return onlyRow(rows).result;
}
