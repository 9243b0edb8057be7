import { type PoolClient } from 'pg';
import { type Spending } from '../domain/spending';

const OPEN_WINDOW = `
  insert into budgets as b (tenant, budget, window_start, limit_minor)
  values ($1::text, $2::text, date_trunc($3::text, now(), 'UTC'), $4::bigint)
  on conflict (tenant, budget, window_start) do update set limit_minor = excluded.limit_minor`;

// The row is locked by the upsert before; this reads what earlier holders committed.
const HOLD = `
  with already as (select from reservations where tenant = $1::text and action = $5::text),
  held as (
    update budgets set held_minor = held_minor + $4::bigint
    where tenant = $1::text and budget = $2::text and window_start = date_trunc($3::text, now(), 'UTC')
      and held_minor + spent_minor + $4::bigint <= limit_minor and not exists (select from already)
    returning window_start
  ),
  reserved as (
    insert into reservations (tenant, action, budget, window_start, amount_minor)
    select $1::text, $5::text, $2::text, window_start, $4::bigint from held
  )
  select exists (select from already) or exists (select from held) as holds`;

/** Holds an amount before anything is promised, in-flight amounts counted. False: it does not fit. Held already: true. */
export async function holdBudget(
  client: PoolClient,
  tenant: string,
  actionId: string,
  spending: Extract<Spending, { kind: 'spends' }>,
): Promise<boolean> {
  const { budget, window, limitMinor, amountMinor } = spending;
  const [, { rows }] = await Promise.all([
    client.query(OPEN_WINDOW, [tenant, budget, window, limitMinor]),
    client.query<{ holds: boolean }>(HOLD, [tenant, budget, window, amountMinor, actionId]),
  ]);
  return rows[0]?.holds === true;
}
