import { type ActionType } from '../domain/documents';
import { type Json } from '../domain/json';
import { LIMITS } from '../domain/limits';
import { actionDigest, actionDocument, factsDigest } from '../evidence/action-digest';
import { type Pdp } from '../pdp/create-pdp';
import { createDenyByBundle } from './deny-by-bundle';
import { type TouchingDeps } from './deps';
import { approvalSuperseded } from './entries';
import { insistInForce } from './insist-in-force';
import { type Stopped } from './results';
import { type StepInHand } from './step-in-hand';

/** What finds that an action must be decided anew: the bundle that this worker holds, and the action's type in it. */
interface UnderBundle {
  readonly point: Pdp;
  readonly actionType: ActionType;
}

/**
 * Opens the next round, with the facts of now and a digest of its own; votes on the old one do not count for it. Whoever was frozen meanwhile finds
 * that a twin began the step, or to undo the action, or ended it: then there is nothing to decide anew.
 */
export function createReconsider({ db }: Pick<TouchingDeps, 'db'>) {
  const denyByBundle = createDenyByBundle({ db });

  return async function reconsider(
    { action, step }: Pick<StepInHand, 'action' | 'step'>,
    { point, actionType }: UnderBundle,
    facts: Readonly<Record<string, Json>>,
    why: string,
  ): Promise<Stopped> {
    const { tenant, action: actionId } = action;
    const round = action.round + 1;
    if (round > LIMITS.rounds) return await denyByBundle(point, tenant, 'policy_changed');
    const next = {
      actionId,
      round,
      facts,
      factsDigest: factsDigest(facts),
      digest: actionDigest(actionDocument(actionType, { ...action, round, facts })),
      why,
    };
    await db.withTenant(tenant, async (client) => {
      // The request before the action, as in every other transaction: a vote may be on its way.
      const [approval, current, effects] = await Promise.all([
        db.lockRequest(client, tenant, actionId, action.round),
        db.lockAction(client, tenant, actionId),
        db.loadEffects(client, tenant, actionId),
      ]);
      const begun = effects.some((effect) => effect.step === step.id && effect.state !== 'absent');
      const over = current === undefined || current.settled || current.state === 'undoing';
      if (over || current.round !== action.round || begun) return;
      await insistInForce(db, client, point);
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
