import { escapeIdentifier, type PoolClient } from 'pg';
import { rolesOfPrimary } from './roles-of-primary';

/** How long a session is given to notice that it was ended. */
const SESSION_ENDS_WITHIN_MS = 500;

/**
 * Ends the sessions of these roles, and of our other logins that hold or want a lock of theirs: an agent knows the name of its role, and anybody may
 * take such a lock. They are not waited for here: whoever asks for it next stands in line before they are back.
 */
const LET_GO = `
  select pg_terminate_backend(a.pid) from pg_stat_activity a
  where a.usename ~ '^jit_[0-9a-f]{24}$' and pg_has_role(a.usesysid, 'usage') and (a.usename = any ($1::text[]) or exists (
    select from pg_locks l, unnest($1::text[]) role
    where l.pid = a.pid and l.locktype = 'advisory' and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(role, 0)))`;

/**
 * Ends login roles: no new logins, then no sessions, then nothing that they own, then no roles. Each step may be repeated, and a role that does
 * not exist is one that was ended. False: a session is still there.
 */
export async function revokeRoles(client: PoolClient, roles: readonly string[]): Promise<boolean> {
  await client.query(LET_GO, [roles]);
  // Waits for a call that is just making one of them, and for whoever else is ending it.
  await client.query('select pg_advisory_lock(hashtextextended(role, 0)) from unnest($1::text[]) role', [roles]);
  const { rows } = await client.query<{ role: string | null; standby: boolean }>(
    `select r.rolname as role, pg_is_in_recovery() as standby
     from (values (1)) as always left join pg_roles r on r.rolname = any($1::text[]) order by 1`,
    [roles],
  );
  let ended = true;
  for (const { role } of rolesOfPrimary(rows)) ended = (await endRole(client, role)) && ended;
  await client.query('select pg_advisory_unlock_all()');
  return ended;
}

async function endRole(client: PoolClient, name: string): Promise<boolean> {
  if (!(await lockRole(client, name))) return false;
  const role = escapeIdentifier(name);
  await client.query(`drop owned by ${role}`);
  await client.query(`drop role ${role}`);
  return true;
}

/** No new logins, then no sessions. False: one is still there. */
export async function lockRole(client: PoolClient, name: string): Promise<boolean> {
  // Not waited for at first: a session can hold the row of its own role, and keep it from being changed until it ends.
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1::text', [name]);
  await client.query(`alter role ${escapeIdentifier(name)} with nologin`);
  await client.query('select pg_terminate_backend(pid, $2::bigint) from pg_stat_activity where usename = $1::text', [
    name,
    SESSION_ENDS_WITHIN_MS,
  ]);
  const { rowCount } = await client.query('select from pg_stat_activity where usename = $1::text', [name]);
  return rowCount === 0;
}
