import { type PoolClient } from 'pg';

export interface StoredVote {
  readonly person: string;
  readonly choice: 'approve' | 'deny';
  readonly stage: number;
  readonly digest: string;
  readonly channel: string;
  readonly castAt: Date;
  /** Whether it counts now: who left, or lost the role or the group, no longer does. */
  readonly counts: boolean;
}

/** Every vote on a request, oldest first. */
export async function listVotes(client: PoolClient, tenant: string, request: string): Promise<StoredVote[]> {
  const { rows } = await client.query<StoredVote>(
    `select v.person, v.choice, v.stage, v.digest, v.channel, v.cast_at as "castAt",
       exists (select from valid_votes c where (c.tenant, c.request, c.person, c.choice) = (v.tenant, v.request, v.person, v.choice)) as counts
     from votes v where v.tenant = $1::text and v.request = $2::text order by v.cast_at, v.person`,
    [tenant, request],
  );
  return rows;
}
