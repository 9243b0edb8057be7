import { escapeIdentifier, type PoolClient } from 'pg';
import { type Finding } from '../../domain/reconciliation';
import { listRoles } from './list-roles';
import { lockRole, revokeRoles } from './revoke-roles';

type Done = NonNullable<Finding['done']>;

/**
 * Ends roles that no grant knows, of those that our minter made; what is not there any more has ended. One may be somebody's way in when all else
 * failed: what it owns is not ours to drop, so that it is locked then, and stays for whoever knows what that is.
 */
export async function endAliens(client: PoolClient, names: readonly string[]): Promise<ReadonlyMap<string, Done>> {
  const done = new Map<string, Done>(names.map((role) => [role, 'ended']));
  for (const { role, ours } of await listRoles(client, names)) done.set(role, ours ? await end(client, role) : 'alive');
  return done;
}

async function end(client: PoolClient, role: string): Promise<Done> {
  // Whoever made it by hand as the minter, may not have let the minter act in its place.
  await client.query(`grant ${escapeIdentifier(role)} to current_user with inherit true, set false`);
  if (!(await lockRole(client, role))) return 'alive';
  if (await ownsSomething(client, role)) return 'locked';
  return (await revokeRoles(client, [role])) ? 'ended' : 'alive';
}

/** In any database of the server. */
async function ownsSomething(client: PoolClient, role: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_shdepend where refclassid = 'pg_authid'::regclass and deptype = 'o' and refobjid = $1::text::regrole limit 1`,
    [role],
  );
  return rowCount !== 0;
}
