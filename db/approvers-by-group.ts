import { type PoolClient } from 'pg';

const MEMBERS = `
  select m.group_name as "group", m.person
  from group_members m join people p using (tenant, person)
  where m.tenant = $1::text and p.state = 'active' and 'approver' = any (p.roles)`;

/** Who may vote at all, by `group:<name>`. A group that does not exist has nobody. */
export async function approversByGroup(
  client: PoolClient,
  tenant: string,
): Promise<(group: string) => readonly string[]> {
  const { rows } = await client.query<{ group: string; person: string }>(MEMBERS, [tenant]);
  return (group) => rows.filter((row) => `group:${row.group}` === group).map((row) => row.person);
}
