import { type PoolClient } from 'pg';
import { type ActionRecord } from '../db/load-action';
import { type Decision } from '../domain/decision';
import { type ActionType } from '../domain/documents';
import { denial } from '../domain/judge-input';
import { spendingOf } from '../domain/spending';
import { type Pdp } from '../pdp/create-pdp';
import { type Database } from './deps';

/** Turns a yes into a no where nothing is left to spend or nobody could countersign it; holds the budget and opens the request otherwise. */
export function createSecure(db: Database) {
  return async function secure(
    client: PoolClient,
    point: Pdp,
    action: ActionRecord,
    actionType: ActionType,
    decision: Decision,
  ): Promise<Decision> {
    const { tenant, action: actionId, environment, round, digest } = action;
    const { catalogue } = point;
    const spending = spendingOf(actionType, catalogue.data, action);
    if (spending.kind === 'unknown') return denial(point, 'budget_unknown');
    if (spending.kind === 'spends' && !(await db.holdBudget(client, tenant, actionId, spending)))
      return denial(point, 'budget_exhausted');
    if (decision.effect !== 'require_approval') return decision;
    const chains = decision.chains.flatMap((id) => catalogue.chains[id] ?? []);
    const opened =
      chains.length === decision.chains.length &&
      (await db.openApproval(client, tenant, { actionId, environment, round, digest, chains }));
    return opened ? decision : denial(point, 'approval_unsatisfiable');
  };
}
