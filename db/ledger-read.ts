import { type Pool } from 'pg';

/** One row of the log, as stored. */
export interface LedgerRecord {
  readonly tenant: string;
  readonly seq: number;
  readonly key: string;
  readonly leaf: string;
  readonly leafHash: Buffer;
  readonly bodyCommitment: string | null;
  /** RFC 3339, UTC; milliseconds, unless somebody changed the column to something finer. */
  readonly at: string;
  /** `null`: erased, or never there. */
  readonly body: string | null;
  readonly salt: Buffer | null;
}

/** A leaf has at most 17 KiB: 17 MiB at worst, half a megabyte in practice. */
const PAGE_ROWS = 1_000;
/** A body has at most 256 KiB. */
const PAGE_ROWS_WITH_BODIES = 100;

const PAGE = `
  select l.tenant, l.seq::text as seq, l.key, l.leaf, l.leaf_hash, l.body_commitment,
         regexp_replace(to_char(l.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '000$', '') || 'Z' as at,
         b.body, b.salt
  from ledger l
  left join ledger_bodies b on $4::boolean and b.tenant = l.tenant and b.seq = l.seq
  where l.tenant = $1::text and l.seq >= $2::bigint
  order by l.seq
  limit $3::bigint`;

interface PageRow {
  tenant: string;
  seq: string;
  key: string;
  leaf: string;
  leaf_hash: Buffer;
  body_commitment: string | null;
  at: string;
  body: string | null;
  salt: Buffer | null;
}

/**
 * The rows of a tenant's log from `from` to `to` (exclusive) in order, page by page, in bounded memory. No transaction
 * spans the pages: the log only grows, and rows of one page were committed before rows of the next.
 */
export async function* readLedger(
  pool: Pick<Pool, 'query'>,
  tenant: string,
  {
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
    bodies = false,
  }: { readonly from?: number; readonly to?: number; readonly bodies?: boolean } = {},
): AsyncGenerator<LedgerRecord> {
  const limit = bodies ? PAGE_ROWS_WITH_BODIES : PAGE_ROWS;
  for (let start = from; start < to;) {
    const { rows } = await pool.query<PageRow>(PAGE, [tenant, start, limit, bodies]);
    for (const { leaf_hash: leafHash, body_commitment: bodyCommitment, ...row } of rows) {
      const seq = Number(row.seq);
      if (seq >= to) return;
      yield { ...row, seq, leafHash, bodyCommitment };
      start = seq + 1;
    }
    if (rows.length < limit) return;
  }
}

/** The number of entries, by the highest sequence number. */
export async function ledgerSize(pool: Pick<Pool, 'query'>, tenant: string): Promise<number> {
  const { rows } = await pool.query<{ size: string }>(
    'select coalesce(max(seq) + 1, 0)::text as size from ledger where tenant = $1::text',
    [tenant],
  );
  return Number(rows[0]?.size ?? 0);
}

/** Every tenant that has a log. One index descent per tenant, however long the logs are. */
export async function ledgerTenants(pool: Pick<Pool, 'query'>): Promise<readonly string[]> {
  const { rows } = await pool.query<{ tenant: string }>(`
    with recursive logs as (
      (select tenant from ledger order by tenant limit 1)
      union all
      select (select l.tenant from ledger l where l.tenant > logs.tenant order by l.tenant limit 1)
      from logs where logs.tenant is not null
    )
    select tenant from logs where tenant is not null`);
  return rows.map((row) => row.tenant);
}

/** The sequence number of the entry with that key. */
export async function seqOfKey(pool: Pick<Pool, 'query'>, tenant: string, key: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ seq: string }>(
    'select seq::text as seq from ledger where tenant = $1::text and key = $2::text',
    [tenant, key],
  );
  return rows[0] === undefined ? undefined : Number(rows[0].seq);
}
