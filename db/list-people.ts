import { type PoolClient } from 'pg';
import { type RoleIn } from './authenticate-person';

export interface ListedPerson {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'left';
  /** Those that hold in every environment. */
  readonly roles: readonly string[];
  readonly rolesIn: readonly RoleIn[];
  readonly groups: readonly string[];
  readonly address: string | null;
  readonly slack: readonly { readonly team: string; readonly user: string }[];
  /** Other accounts of the same human. */
  readonly sameAs: readonly string[];
  readonly logins: readonly { readonly id: string; readonly issuedBy: string | null; readonly expiresAt: string }[];
  /** Who proposed this person as an admin, while nobody has confirmed it. */
  readonly proposedBy: string | null;
}

const PEOPLE = `
  select p.person as id, p.name, p.state, p.roles,
    coalesce((select jsonb_agg(jsonb_build_object('role', g.role, 'environment', g.environment) order by g.role, g.environment)
              from role_grants g where (g.tenant, g.person) = (p.tenant, p.person)), '[]') as "rolesIn",
    array(select m.group_name from group_members m where (m.tenant, m.person) = (p.tenant, p.person) order by 1) as groups,
    (select a.address from person_addresses a where (a.tenant, a.person) = (p.tenant, p.person)) as address,
    coalesce((select jsonb_agg(jsonb_build_object('team', s.slack_team, 'user', s.slack_user) order by s.slack_team)
              from slack_identities s where (s.tenant, s.person) = (p.tenant, p.person)), '[]') as slack,
    array(select o from accounts_of(p.tenant, array[p.person]) o where o <> p.person order by 1) as "sameAs",
    coalesce((select jsonb_agg(jsonb_build_object('id', t.login, 'issuedBy', t.issued_by,
                'expiresAt', to_char(t.expires_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by t.expires_at, t.login)
              from person_tokens t
              where (t.tenant, t.person) = (p.tenant, p.person) and t.revoked_at is null and t.expires_at > clock_timestamp()), '[]') as logins,
    (select a.proposed_by from admin_proposals a where (a.tenant, a.person) = (p.tenant, p.person) and a.expires_at > clock_timestamp()) as "proposedBy"
  from people p
  where p.tenant = $1::text and ($2::text is null or p.person = $2::text) and ($3::text is null or p.person > $3::text)
  order by p.person limit $4::integer`;

/** Everybody, by id, with what they may do and how they are known. */
export async function listPeople(
  client: PoolClient,
  tenant: string,
  { person, after, limit }: { readonly person?: string; readonly after?: string; readonly limit: number },
): Promise<ListedPerson[]> {
  const { rows } = await client.query<ListedPerson>(PEOPLE, [tenant, person ?? null, after ?? null, limit]);
  return rows;
}
