import { type PoolClient } from 'pg';
import { type Spending } from '../domain/spending';

const OPEN_WINDOW = `
  insert into budgets as b (tenant, budget, window_start, limit_minor)
  values ($1::text, $2::text, date_trunc($3::text, now(), 'UTC'), $4::bigint)
  on conflict (tenant, budget, window_start) do update set limit_minor = excluded.limit_minor`;

// The row is locked by the upsert before; this reads what earlier holders committed.
const HOLD = `
  with held as (
    update budgets set held_minor = held_minor + $4::bigint
    where tenant = $1::text and budget = $2::text and window_start = date_trunc($3::text, now(), 'UTC')
      and held_minor + spent_minor + $4::bigint <= limit_minor
    returning window_start
  )
  insert into reservations (tenant, action, budget, window_start, amount_minor)
  select $1::text, $5::text, $2::text, window_start, $4::bigint from held`;

/** Holds an amount before anything is promised, in-flight amounts counted. False: it does not fit. Held already: true. */
export async function holdBudget(
  client: PoolClient,
  tenant: string,
  actionId: string,
  spending: Extract<Spending, { kind: 'spends' }>,
): Promise<boolean> {
  const already = await client.query('select from reservations where tenant = $1::text and action = $2::text', [
    tenant,
    actionId,
  ]);
  if ((already.rowCount ?? 0) > 0) return true;
  await client.query(OPEN_WINDOW, [tenant, spending.budget, spending.window, spending.limitMinor]);
  const held = await client.query(HOLD, [tenant, spending.budget, spending.window, spending.amountMinor, actionId]);
  return held.rowCount === 1;
}
