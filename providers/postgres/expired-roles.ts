import { type PoolClient } from 'pg';

/** Longer than any call, its retries and its revocation take, so that whoever knows of a role has ended it by then. */
const FORGOTTEN_AFTER = '1 minute';

/** As many as a target ends without noticing. The next round takes others: what cannot be ended keeps nothing waiting behind it. */
const AT_ONCE = 20;

/**
 * Login roles whose time was over long ago and which still exist: made by a minter that died, or late, after everybody had stopped waiting.
 * Only those that this minter made: what another one calls `jit_…` is not ours to end.
 */
export async function expiredRoles(client: PoolClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ role: string }>(
    `select r.rolname as role
     from pg_roles r join pg_auth_members m on m.roleid = r.oid and m.admin_option
     where m.member = current_user::regrole and r.rolname ~ '^jit_[0-9a-f]{24}$'
       and r.rolvaliduntil < clock_timestamp() - $1::interval
     order by random() limit $2::integer`,
    [FORGOTTEN_AFTER, AT_ONCE],
  );
  return rows.map(({ role }) => role);
}
