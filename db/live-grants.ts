import { type PoolClient } from 'pg';

export interface LiveGrant {
  readonly grantId: string;
  readonly action: string;
  readonly step: string;
  readonly target: string;
  /** Whether its time is over by database time; the credential itself never outlives that. */
  readonly expired: boolean;
  readonly revokeAttempts: number;
}

const COLUMNS = `grant_id as "grantId", action, step, target, expires_at < clock_timestamp() as expired, revoke_attempts as "revokeAttempts"`;

export async function liveGrants(client: PoolClient, tenant: string, actionId: string): Promise<readonly LiveGrant[]> {
  const { rows } = await client.query<LiveGrant>(
    `select ${COLUMNS} from grants where tenant = $1::text and action = $2::text and state <> 'revoked' order by grant_id`,
    [tenant, actionId],
  );
  return rows;
}

/**
 * For the reaper: grants of every tenant that outlived their time, whatever became of their workflow. Taking them puts
 * off their next turn, so that two reapers never ask for the same one at once.
 */
export async function takeOverdueGrants(
  client: PoolClient,
  graceMs: number,
  limit: number,
): Promise<readonly (LiveGrant & { readonly tenant: string })[]> {
  const { rows } = await client.query<LiveGrant & { tenant: string }>(
    `with due as (
       select tenant, grant_id from grants
       where state <> 'revoked' and expires_at + make_interval(secs => $1::bigint / 1000.0) < clock_timestamp()
         and coalesce(next_revoke_at, '-infinity') <= clock_timestamp()
       order by expires_at limit $2::integer for update skip locked
     )
     update grants g set next_revoke_at = clock_timestamp() + interval '30 seconds'
     from due where (g.tenant, g.grant_id) = (due.tenant, due.grant_id)
     returning g.tenant, ${COLUMNS.replace('grant_id', 'g.grant_id')}`,
    [graceMs, limit],
  );
  return rows;
}
