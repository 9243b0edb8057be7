import { type Pool } from 'pg';

/** One function of each power that no two processes share. */
export const POWERS = ['cast_vote', 'begin_effect', 'activate_bundle'] as const;
export type Power = (typeof POWERS)[number];

/** What this login is, and how far its rights go. */
export interface LoginCondition {
  readonly role: string;
  readonly isSuperuser: boolean;
  readonly readsEveryTenant: boolean;
  readonly isReadOnly: boolean;
  /** Those of the powers that it has. */
  readonly may: readonly Power[];
  /** As Postgres counts: 180006 is 18.6. */
  readonly serverVersion: number;
  readonly nowMs: number;
}

const SELECT = `
  select current_user as role, current_setting('is_superuser') = 'on' as "isSuperuser",
    (select rolbypassrls from pg_roles where rolname = current_user) as "readsEveryTenant",
    current_setting('transaction_read_only') = 'on' as "isReadOnly",
    array(select proname::text from pg_proc where pronamespace = 'public'::regnamespace and proname = any($1::text[])
      and has_function_privilege(oid, 'execute') order by proname) as may,
    current_setting('server_version_num')::int as "serverVersion",
    extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs"`;

export async function readRole(pool: Pick<Pool, 'query'>): Promise<LoginCondition> {
  const { rows } = await pool.query<LoginCondition>(SELECT, [POWERS]);
  const [row] = rows;
  if (row === undefined) throw new Error('the database answered nothing about this login');
  return row;
}
