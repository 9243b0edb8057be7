import { type Pool } from 'pg';

/** Whether a process can work with this database as it is now. */
export interface DatabaseCondition {
  /** The newest migration that was run. */
  readonly migration: string | null;
  readonly bundleInForce: { readonly digest: string; readonly version: number } | null;
  /** Entries can be appended: the server takes writes, and this role may. */
  readonly ledgerWritable: boolean;
}

/** One statement: probes come every second, from many. */
const SELECT = `
  select (select name from schema_migrations order by name desc limit 1) as migration,
    (select json_build_object('digest', digest, 'version', version) from bundles order by version desc limit 1) as "bundleInForce",
    not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off'
      and has_function_privilege('ledger_append(text, text[], text[], text[])', 'execute') as "ledgerWritable"`;

export async function readCondition(pool: Pick<Pool, 'query'>): Promise<DatabaseCondition> {
  const { rows } = await pool.query<DatabaseCondition>(SELECT);
  const [row] = rows;
  if (row === undefined) throw new Error('the database answered nothing about itself');
  return row;
}
