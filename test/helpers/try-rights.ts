import { DatabaseError, escapeIdentifier, type Pool, type PoolClient } from 'pg';

/** What a login may do with a table: with all of its columns, or with those in brackets. */
export type Rights = Readonly<
  Partial<Record<'select' | 'insert' | 'update' | 'delete' | 'truncate', readonly string[]>>
> & {
  readonly execute: readonly string[];
};

interface Column {
  readonly table: string;
  readonly column: string;
  /** Postgres itself lets it be written: it is no column of a view, and not computed. */
  readonly writable: boolean;
}

const COLUMNS = `select relname as table, attname as column, 
    relkind in ('r', 'p') and attgenerated = '' and attidentity <> 'a' as writable
  from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f') order by relname, attnum`;

const FUNCTIONS = `select proname as name, oid::regprocedure::text as signature, has_function_privilege(oid, 'execute') as may,
    format('select %s(%s)', oid::regproc, (select string_agg(format('null::%s', format_type(type, null)), ', ' order by place)
      from unnest(proargtypes::oid[]) with ordinality as arguments (type, place))) as call
  from pg_proc where pronamespace = 'public'::regnamespace and prosecdef order by 2`;

/** Where no row is concerned, rights are asked for all the same, and before anything else of a statement that is well formed. */
const BY_COLUMN = {
  select: ({ table, column }) => `select ${column} from ${table} limit 0`,
  insert: ({ table, column }) => `insert into ${table} (${column}) select null where false`,
  update: ({ table, column }) => `update ${table} set ${column} = null where false`,
} as const satisfies Readonly<Record<string, (of: Pick<Column, 'table' | 'column'>) => string>>;

const BY_TABLE = {
  delete: (table: string) => `delete from ${table} where false`,
  truncate: (table: string) => `truncate ${table} cascade`,
} as const;

/** Tries everything with every table and every function that the catalog has, and undoes it: what is not refused for lack of a right. */
export async function tryRights(pool: Pool, asRole?: string): Promise<Rights> {
  const client = await pool.connect();
  try {
    await client.query('begin read write');
    if (asRole !== undefined) await client.query(`set local role ${escapeIdentifier(asRole)}`);
    const columns = (await client.query<Column>(COLUMNS)).rows;
    const rights: Record<string, readonly string[]> = { execute: await functions(client) };
    for (const [verb, statement] of Object.entries(BY_COLUMN))
      rights[verb] = await byColumn(
        client,
        verb === 'select' ? columns : columns.filter(({ writable }) => writable),
        statement,
      );
    for (const [verb, statement] of Object.entries(BY_TABLE)) {
      const may: string[] = [];
      for (const table of new Set(columns.filter(({ writable }) => writable).map((column) => column.table)))
        if (await isAllowed(client, statement(escapeIdentifier(table)))) may.push(table);
      rights[verb] = may;
    }
    return rights as Rights;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

async function byColumn(
  client: PoolClient,
  columns: readonly Column[],
  statement: (typeof BY_COLUMN)[keyof typeof BY_COLUMN],
): Promise<readonly string[]> {
  const may = new Map<string, { readonly yes: string[]; of: number }>();
  for (const { table, column } of columns) {
    const each = may.get(table) ?? { yes: [], of: 0 };
    may.set(table, each);
    each.of += 1;
    if (await isAllowed(client, statement({ table: escapeIdentifier(table), column: escapeIdentifier(column) })))
      each.yes.push(column);
  }
  return [...may]
    .filter(([, { yes }]) => yes.length > 0)
    .map(([table, { yes, of }]) => (yes.length === of ? table : `${table} (${yes.join(', ')})`));
}

/** What may be called is not: it could have effects. What may not is called, and must be refused. */
async function functions(client: PoolClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; signature: string; may: boolean; call: string }>(FUNCTIONS);
  const may: string[] = [];
  for (const { name, may: allowed, call } of rows) if (allowed || (await isAllowed(client, call))) may.push(name);
  return may;
}

async function isAllowed(client: PoolClient, statement: string): Promise<boolean> {
  await client.query('savepoint before');
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.code === '42501') return false;
    throw new Error(`It is neither allowed nor refused for lack of a right: ${statement}`, { cause: error });
  } finally {
    await client.query('rollback to before');
  }
}
