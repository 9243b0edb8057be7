import { type PoolClient } from 'pg';
import { statusGrantId } from '../../domain/provider';
import { roleName } from './role-name';

/** Which of the grants have a login role here, for their own call or for asking what became of it. */
export async function grantsWithRoles(client: PoolClient, grantIds: readonly string[]): Promise<readonly string[]> {
  const grantOf = new Map(
    grantIds.flatMap((grantId) => [grantId, statusGrantId(grantId)].map((id) => [roleName(id), grantId] as const)),
  );
  const { rows } = await client.query<{ role: string }>(
    'select rolname as role from pg_roles where rolname = any($1::text[])',
    [[...grantOf.keys()]],
  );
  return [...new Set(rows.flatMap(({ role }) => grantOf.get(role) ?? []))];
}
