import { type PoolClient } from 'pg';
import { type Approvers } from '../domain/open-stages';

const MEMBERS = `
  select m.group_name as "group", m.person, human_of(m.tenant, m.person) as human
  from group_members m
  where m.tenant = $1::text and has_role(m.tenant, m.person, 'approver', $2::text)`;

/** Who may vote at all in an environment, by `group:<name>`. A group that does not exist has nobody. */
export async function approversIn(client: PoolClient, tenant: string, environment: string): Promise<Approvers> {
  const { rows } = await client.query<{ group: string; person: string; human: string }>(MEMBERS, [tenant, environment]);
  const humans = new Map(rows.map(({ person, human }) => [person, human]));
  return {
    membersOf: (group) => rows.filter((row) => `group:${row.group}` === group).map((row) => row.person),
    humanOf: (person) => humans.get(person) ?? person,
  };
}
