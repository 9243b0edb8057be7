import { type PoolClient } from 'pg';

const FINISH = `
  with finished as (
    update reservations set state = $3::text where tenant = $1::text and action = $2::text and state = 'held'
    returning budget, window_start, amount_minor
  )
  update budgets b
  set held_minor = held_minor - f.amount_minor, spent_minor = spent_minor + case when $3::text = 'spent' then f.amount_minor else 0 end
  from finished f
  where b.tenant = $1::text and b.budget = f.budget and b.window_start = f.window_start`;

/** Turns what an action held into what it spent, or gives it back. Doing it twice changes nothing. */
export async function finishBudget(
  client: PoolClient,
  tenant: string,
  actionId: string,
  how: 'spent' | 'released',
): Promise<void> {
  await client.query(FINISH, [tenant, actionId, how]);
}
