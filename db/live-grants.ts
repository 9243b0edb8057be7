import { type PoolClient } from 'pg';

export interface LiveGrant {
  readonly grantId: string;
  readonly action: string;
  readonly step: string;
  readonly target: string;
  /** Whether its time is over by database time; the credential itself never outlives that. */
  readonly expired: boolean;
  readonly revokeAttempts: number;
  /** Digest of the bundle that its effect was decided under; null where nothing was. */
  readonly decidedUnder: string | null;
}

export interface OverdueGrant extends LiveGrant {
  readonly tenant: string;
  /** Whether an agent held it itself: then its workflow waits, and has to be told. */
  readonly lent: boolean;
}

/**
 * Of the row `g`. A grant that its effect names no more, as it was begun anew, was made in the last round that had been decided by then.
 */
export const LIVE_GRANT_COLUMNS = `
  g.grant_id as "grantId", g.action, g.step, g.target, g.expires_at < clock_timestamp() as expired, g.revoke_attempts as "revokeAttempts",
  (select d.bundle_digest from decisions d
   left join effects e on (e.tenant, e.action, e.round, e.grant_id) = (d.tenant, d.action, d.round, g.grant_id)
   where d.tenant = g.tenant and d.action = g.action and d.stage = 'initial' and (e.grant_id is not null or d.decided_at <= g.created_at)
   order by e.grant_id nulls last, d.round desc limit 1) as "decidedUnder"`;

export async function liveGrants(client: PoolClient, tenant: string, actionId: string): Promise<readonly LiveGrant[]> {
  const { rows } = await client.query<LiveGrant>(
    `select ${LIVE_GRANT_COLUMNS} from grants g where tenant = $1::text and action = $2::text and state <> 'revoked' order by grant_id`,
    [tenant, actionId],
  );
  return rows;
}

/**
 * Of one target in each round, as long as others are due: each of a database that hangs takes as long as a provider waits, and the whole round
 * with it. Fewer than the connections that a provider has there (four), so that whoever makes a login finds one.
 */
const SHARE = 3;

/** Of the row `g`: whether it is anybody's turn. */
const FREE = `g.state <> 'revoked' and coalesce(g.next_revoke_at, '-infinity') <= clock_timestamp()`;

/**
 * For the reaper: grants of every tenant that outlived their time, whatever became of their workflow; those that were lent to an agent as
 * soon as anything ended them, and before all others: somebody holds these. Taking them puts off their next turn, so that two reapers never ask
 * for the same one at once.
 */
export async function takeOverdueGrants(
  client: PoolClient,
  graceMs: number,
  limit: number,
): Promise<readonly OverdueGrant[]> {
  // Rows that are counted by a window cannot be locked. So they are locked by another look, which has to find them free still.
  const { rows } = await client.query<OverdueGrant>(
    `with due as (
       select g.tenant, g.grant_id, g.expires_at, a.lane = 'granted' as lent,
         row_number() over (partition by g.target order by a.lane = 'granted' desc, g.expires_at) as nth
       from grants g join actions a using (tenant, action)
       where ${FREE}
         and (g.expires_at + make_interval(secs => $1::bigint / 1000.0) < clock_timestamp()
              or (a.lane = 'granted' and access_ended(g.tenant, g.grant_id) is not null))
     ), taken as (
       select g.tenant, g.grant_id, due.lent from due join grants g using (tenant, grant_id)
       where ${FREE}
       order by due.nth > $3::integer, due.lent desc, due.expires_at limit $2::integer for update of g skip locked
     )
     update grants g set next_revoke_at = clock_timestamp() + interval '30 seconds'
     from taken where (g.tenant, g.grant_id) = (taken.tenant, taken.grant_id)
     returning g.tenant, taken.lent, ${LIVE_GRANT_COLUMNS}`,
    [graceMs, limit, SHARE],
  );
  return rows;
}
