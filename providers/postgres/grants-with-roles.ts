import { type PoolClient } from 'pg';
import { statusGrantId } from '../../domain/provider';
import { roleName } from './role-name';
import { rolesOfPrimary } from './roles-of-primary';

/** Which of the grants have a login role here, for their own call or for asking what became of it. */
export async function grantsWithRoles(client: PoolClient, grantIds: readonly string[]): Promise<readonly string[]> {
  const grantOf = new Map(
    grantIds.flatMap((grantId) => [grantId, statusGrantId(grantId)].map((id) => [roleName(id), grantId] as const)),
  );
  const { rows } = await client.query<{ role: string | null; standby: boolean }>(
    `select r.rolname as role, pg_is_in_recovery() as standby
     from (values (1)) as always left join pg_roles r on r.rolname = any($1::text[])`,
    [[...grantOf.keys()]],
  );
  return [...new Set(rolesOfPrimary(rows).flatMap(({ role }) => grantOf.get(role) ?? []))];
}
