import { type PoolClient } from 'pg';
import { type Json } from '../domain/json';
import { LIVE_GRANT_COLUMNS, type LiveGrant } from './live-grants';

/** A grant that is lent to the agent itself, as it stands. */
export interface LentGrant extends LiveGrant {
  readonly agent: string;
  readonly attempt: number;
  readonly effectClass: string;
  readonly leftMs: number;
  /** Whether it is known to be dead. */
  readonly revoked: boolean;
  /** Why it may not be used any more, or null. */
  readonly ended: 'returned' | 'cancelled' | 'fenced' | 'agent_not_active' | 'revoked' | 'expired' | null;
  readonly returnedAs: 'done' | 'failed' | null;
  /** What the agent says that it did. */
  readonly report: Json;
  /** A key was given that no credential was made for yet. */
  readonly mintDue: boolean;
  /** Whether the agent may ever have had a credential. */
  readonly minted: boolean;
}

const QUERY = `
  select ${LIVE_GRANT_COLUMNS},
         g.state = 'revoked' as revoked, g.agent, e.attempt, a.effect_class as "effectClass", access_ended(g.tenant, g.grant_id) as ended, g.returned_as as "returnedAs", g.report,
         ceil(extract(epoch from g.expires_at - clock_timestamp()) * 1000)::float8 as "leftMs",
         coalesce(c.minted_at is null and c.claim is not null, false) as "mintDue",
         exists (select from grant_claims m where (m.tenant, m.grant_id) = (g.tenant, g.grant_id) and m.minted_at is not null) as minted
  from effects e
  join grants g using (tenant, action, step, grant_id)
  join actions a using (tenant, action)
  left join lateral (
    select claim, minted_at from grant_claims c where (c.tenant, c.grant_id) = (g.tenant, g.grant_id) order by claim desc limit 1) c on true
  where e.tenant = $1::text and e.action = $2::text and e.step = $3::text and e.kind = 'do'`;

/** The last grant of a step; `undefined` where none was begun. */
export async function loadLentGrant(
  client: PoolClient,
  tenant: string,
  actionId: string,
  step: string,
): Promise<LentGrant | undefined> {
  const { rows } = await client.query<LentGrant>(QUERY, [tenant, actionId, step]);
  return rows[0];
}
