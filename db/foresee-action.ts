import { type PoolClient } from 'pg';
import { type Spending } from '../domain/spending';

/** What an agent's action would be decided under, as it stands now. */
export interface Foreseen {
  /** Database time, RFC 3339 in UTC with milliseconds: policy's clock. */
  readonly now: string;
  readonly fenced: boolean;
  /** People who may not decide, as `conflicted_people` has them of an action. */
  readonly conflicted: readonly string[];
}

/** Nothing is held or locked: the next moment may be different. */
export async function foreseeAction(
  client: PoolClient,
  tenant: string,
  {
    agent,
    type,
    onBehalfOf,
  }: {
    readonly agent: { readonly id: string; readonly team: string };
    readonly type: string;
    readonly onBehalfOf: string | undefined;
  },
): Promise<Foreseen | undefined> {
  const { rows } = await client.query<Foreseen>(
    `select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now,
            f.closed is not null as fenced,
            array(select accounts_of($1::text, people_behind($1::text, $2::text) || $5::text)) as conflicted
     from agents g cross join read_fences($1::text, $2::text, $3::text, $4::text) f
     where g.tenant = $1::text and g.agent = $2::text`,
    [tenant, agent.id, agent.team, type, onBehalfOf ?? null],
  );
  return rows[0];
}

/** Whether an amount would fit into what is left of its budget's window. */
export async function wouldFit(
  client: PoolClient,
  tenant: string,
  { budget, window, limitMinor, amountMinor }: Extract<Spending, { kind: 'spends' }>,
): Promise<boolean> {
  const { rows } = await client.query<{ fits: boolean }>(
    `select coalesce(sum(held_minor + spent_minor), 0) + $4::bigint <= $5::bigint as fits
     from budgets where tenant = $1::text and budget = $2::text and window_start = date_trunc($3::text, now(), 'UTC')`,
    [tenant, budget, window, amountMinor, limitMinor],
  );
  return rows[0]?.fits === true;
}
