import { type PoolClient } from 'pg';
import { type AgentIdentity } from '../domain/guard-input';
import { digestOf } from '../evidence/digest-of';

export interface ServedIdentity {
  readonly digest: string;
  /** Database time, RFC 3339 in UTC with milliseconds: the clock that policy has. */
  readonly now: string;
}

/** Remembers who the agent is told to be, so that what it decides as such can be judged. Asked every few seconds, it writes once a minute. */
export async function serveIdentity(client: PoolClient, identity: AgentIdentity): Promise<ServedIdentity> {
  const digest = digestOf('identity', identity);
  await client.query(
    `insert into served_identities as s (tenant, agent, generation, digest, identity)
     values ($1::text, $2::text, $3::integer, $4::text, $5::jsonb)
     on conflict (tenant, agent, generation, digest) do update set served_at = now() where s.served_at < now() - interval '1 minute'`,
    [identity.tenant, identity.id, identity.generation, digest, JSON.stringify(identity)],
  );
  const { rows } = await client.query<{ now: string }>(
    `select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
  );
  return { digest, now: rows[0]?.now ?? '' };
}
