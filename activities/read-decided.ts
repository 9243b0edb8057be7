import { type StoredApproval } from '../db/find-approval';
import { type StoredDecision } from '../db/find-decision';
import { type ActionRecord } from '../db/load-action';
import { type ApprovalRecord } from '../db/lock-approval';
import { type Database } from './deps';
import { waitingOf } from './read-verdict';

/** What is stored about an action's current round: its decision, and the request for approval that it opened, if any. */
export interface DecidedRound {
  readonly stored: StoredDecision | undefined;
  readonly approval?: ApprovalRecord;
  readonly asked?: StoredApproval | undefined;
}

/** Reads it, and shows on whom the action waits. */
export function createReadDecided(db: Database) {
  return async function readDecided(action: ActionRecord): Promise<DecidedRound> {
    const { tenant, action: actionId, round, cancelRequested } = action;
    return await db.withTenant(tenant, async (client) => {
      const [stored, approval] = await Promise.all([
        db.findDecision(client, tenant, actionId, round),
        db.lockApproval(client, tenant, actionId, round),
      ]);
      if (approval === undefined) return { stored };
      const [asked] = await Promise.all([
        db.findApproval(client, tenant, approval.request),
        db.markAction(client, tenant, actionId, 'waiting', waitingOf(approval, cancelRequested).waitingOn),
        db.commitUnhurried(client), // the ledger is told next, and waits for the disk
      ]);
      return { stored, approval, asked };
    });
  };
}
