import { type PoolClient } from 'pg';
import { type StoredDecision } from '../db/find-decision';
import { type ActionRecord } from '../db/load-action';
import { type Pdp } from '../pdp/create-pdp';
import { type Database } from './deps';
import { actionTypeIn, judge } from './judge';
import { createSecure } from './secure';

/** Asks policy about an action's current round, holds what it needs to be carried out, and stores what came of it. */
export function createMakeDecision(db: Database) {
  const secure = createSecure(db);

  return async function makeDecision(client: PoolClient, point: Pdp, action: ActionRecord): Promise<StoredDecision> {
    const { tenant, action: actionId, round } = action;
    const { input, decision } = judge(point, action);
    const actionType = actionTypeIn(point.catalogue, action);
    const final =
      actionType === undefined || decision.effect === 'deny'
        ? decision
        : await secure(client, point, action, actionType, decision);
    const [inputDigest] = await Promise.all([
      db.recordDecision(client, tenant, {
        actionId,
        round,
        stage: 'initial',
        decision: final,
        input,
        budgeted: actionType?.budget !== undefined,
      }),
      db.commitUnhurried(client), // nobody acts on it before the ledger has it, which waits for the disk
    ]);
    return { ...final, inputDigest };
  };
}
