import { type PoolClient } from 'pg';
import { type ActionEnding, type ActionOutcome, type ActionState } from '../domain/action';

/** How long an action of which type took. */
export interface Settled {
  readonly type: string;
  readonly seconds: number;
}

/** Ends an action. `undefined`: it had ended before, and that ending stands. */
export async function settleAction(
  client: PoolClient,
  tenant: string,
  actionId: string,
  ending: ActionEnding,
  outcome: ActionOutcome,
): Promise<Settled | undefined> {
  const { rows } = await client.query<Settled>(
    `update actions set state = $3::text, outcome = $4::jsonb, waiting_on = '{}', settled_at = clock_timestamp()
     where tenant = $1::text and action = $2::text and settled_at is null
     returning type, extract(epoch from settled_at - created_at)::float8 as seconds`,
    [tenant, actionId, ending, JSON.stringify(outcome)],
  );
  return rows[0];
}

/** Where an action is on its way, and on whom it waits; what the agent and the operators are shown. From undoing there is no way back. */
export async function markAction(
  client: PoolClient,
  tenant: string,
  actionId: string,
  state: ActionState,
  waitingOn: readonly string[],
): Promise<void> {
  await client.query(
    `update actions set state = $3::text, waiting_on = $4::text[]
     where tenant = $1::text and action = $2::text and settled_at is null and (state <> 'undoing' or $3::text = 'undoing')`,
    [tenant, actionId, state, waitingOn],
  );
}
