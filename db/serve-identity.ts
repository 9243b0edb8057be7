import { type PoolClient } from 'pg';
import { type AgentIdentity } from '../domain/guard-input';
import { digestOf } from '../evidence/digest-of';

/** Remembers who the agent is told to be, so that what it decides as such can be judged. Asked every few seconds, it writes once a minute. @returns its digest */
export async function serveIdentity(client: PoolClient, identity: AgentIdentity): Promise<string> {
  const digest = digestOf('identity', identity);
  await client.query(
    `insert into served_identities as s (tenant, agent, generation, digest, identity)
     values ($1::text, $2::text, $3::integer, $4::text, $5::jsonb)
     on conflict (tenant, agent, generation, digest) do update set served_at = now() where s.served_at < now() - interval '1 minute'`,
    [identity.tenant, identity.id, identity.generation, digest, JSON.stringify(identity)],
  );
  return digest;
}
