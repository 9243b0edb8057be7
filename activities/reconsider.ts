import { type ActionRecord } from '../db/load-action';
import { type ActionType } from '../domain/documents';
import { type Json } from '../domain/json';
import { LIMITS } from '../domain/limits';
import { factsDigest } from '../evidence/action-digest';
import { type TouchingDeps } from './deps';
import { approvalSuperseded } from './entries';
import { digestOfRound } from './digest-of-round';
import { type Stopped } from './results';

/** Opens the next round, with the facts of now and a digest of its own; votes on the old one do not count for it. */
export function createReconsider({ db }: Pick<TouchingDeps, 'db'>) {
  return async function reconsider(
    action: ActionRecord,
    actionType: ActionType,
    facts: Readonly<Record<string, Json>>,
    why: string,
  ): Promise<Stopped> {
    const { tenant, action: actionId } = action;
    const round = action.round + 1;
    if (round > LIMITS.rounds) return { kind: 'stopped', stopped: 'denied', code: 'policy_changed' };
    const next = {
      actionId,
      round,
      facts,
      factsDigest: factsDigest(facts),
      digest: digestOfRound(action, actionType, round, facts),
      why,
    };
    await db.withTenant(tenant, async (client) => {
      // The request before the action, as in every other transaction: a vote may be on its way.
      const [approval, current] = await Promise.all([
        db.lockApproval(client, tenant, actionId, action.round),
        db.lockAction(client, tenant, actionId),
      ]);
      if (current?.round !== action.round) return;
      await db.openRound(client, tenant, next);
      const entry = { action: actionId, round, digest: next.digest, why };
      await db.appendWithin(client, tenant, [
        ...(approval === undefined ? [] : [approvalSuperseded(actionId, approval)]),
        { key: `action/${actionId}/reconsidered/${round}`, event: 'action.reconsidered', entry },
      ]);
    });
    return { kind: 'reconsider' };
  };
}
