import { type PoolClient } from 'pg';
import { Refused } from './refused';
import { rolesOfPrimary } from './roles-of-primary';

/** A login role of our naming, whoever made it. */
export interface FoundRole {
  readonly role: string;
  /** Made by our minter, which alone can end it. */
  readonly ours: boolean;
  /** Until when it can log in; null for ever. */
  readonly validUntil: string | null;
  readonly sessions: number;
}

/** Far more than are alive at once. Where there are more, nobody can say of one that it is not there. */
const MAX_ROLES = 10_000;

/** Every role of the server whose name is one that we would give, or those of them that are named. What has another name is nobody's business here. */
export async function listRoles(client: PoolClient, names?: readonly string[]): Promise<readonly FoundRole[]> {
  const { rows } = await client.query<Omit<FoundRole, 'role'> & { role: string | null; standby: boolean }>(
    `select r.rolname as role, pg_is_in_recovery() as standby,
       exists (select from pg_auth_members m where m.roleid = r.oid and m.member = current_user::regrole and m.admin_option) as ours,
       to_char(nullif(r.rolvaliduntil, 'infinity') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "validUntil",
       (select count(*)::integer from pg_stat_activity s where s.usesysid = r.oid) as sessions
     from (values (1)) as always left join pg_roles r on r.rolname ~ '^jit_[0-9a-f]{24}$' and ($1::text[] is null or r.rolname = any ($1::text[]))
     order by 1 limit $2::integer`,
    [names ?? null, MAX_ROLES + 1],
  );
  if (rows.length > MAX_ROLES) throw new Refused('target_answer_too_large');
  return rolesOfPrimary(rows).map(({ role, ours, validUntil, sessions }) => ({ role, ours, validUntil, sessions }));
}
