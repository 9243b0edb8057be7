import { escapeIdentifier, type PoolClient } from 'pg';

/** How long a session is given to notice that it was ended. */
const SESSION_ENDS_WITHIN_MS = 500;

/**
 * Ends login roles: no new logins, then no sessions, then nothing that they own, then no roles. Each step may be repeated, and a role that does
 * not exist is one that was ended. False: a session is still there.
 */
export async function revokeRoles(client: PoolClient, roles: readonly string[]): Promise<boolean> {
  // Waits for a call that is just making one of them, and for whoever else is ending it.
  await client.query('select pg_advisory_lock(hashtextextended(role, 0)) from unnest($1::text[]) role', [roles]);
  const { rows } = await client.query<{ name: string }>(
    'select rolname as name from pg_roles where rolname = any($1::text[]) order by rolname',
    [roles],
  );
  let ended = true;
  for (const { name } of rows) ended = (await endRole(client, name)) && ended;
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
  await client.query(`alter role ${escapeIdentifier(name)} with nologin`);
  await client.query('select pg_terminate_backend(pid, $2::bigint) from pg_stat_activity where usename = $1::text', [
    name,
    SESSION_ENDS_WITHIN_MS,
  ]);
  const { rowCount } = await client.query('select from pg_stat_activity where usename = $1::text', [name]);
  return rowCount === 0;
}
