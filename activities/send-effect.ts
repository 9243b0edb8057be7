import { MAY_SUCCEED_LATER } from '../domain/provider';
import { type TouchingDeps } from './deps';
import { doneAs } from './done-as';
import { createEndGrant } from './end-grant';
import { type Begun } from './preflight';
import { createRecordEnd } from './record-end';
import { type EffectKnown, type Ending } from './results';
import { callOf, refOf, type StepInHand } from './step-in-hand';

/** Sends the effect under its one-action credential, sees whether it is the one approved, ends the credential, and writes all of it down. */
export function createSend(deps: TouchingDeps) {
  const { monotonicMs } = deps;
  const recordEnd = createRecordEnd(deps);
  const endGrant = createEndGrant(deps);

  return async function send(hand: StepInHand, begun: Begun): Promise<EffectKnown> {
    const { step, target, provider } = hand;
    const withinMs = begun.sendBy - monotonicMs();
    // Frozen for too long since the effect was allowed to begin: the world that allowed it may be gone.
    const result =
      withinMs <= 0
        ? ({ kind: 'failed', code: 'not_sent' } as const)
        : await provider.execute(callOf(hand, step.do, begun.idempotencyKey, begun.grantId, withinMs));
    const revocation = await provider.revoke({ grantId: begun.grantId, target, expired: false });
    const known = await recordEnd(refOf(hand), begun, endOf(hand, result), revocation);
    return revocation.kind === 'live' ? { ...known, revoked: await endOnceMore(hand, begun.grantId) } : known;
  };

  /** From here, before the workflow has it ended for as long as it takes: its turn may come late where many actions want theirs. */
  async function endOnceMore({ action, step, target }: StepInHand, grantId: string): Promise<boolean> {
    await deps.pause(END_AGAIN_AFTER_MS);
    const { tenant, action: actionId, decidedUnder } = action;
    const grant = { grantId, action: actionId, step: step.id, target: target.id, decidedUnder };
    return await endGrant(tenant, { ...grant, expired: false, revokeAttempts: 1 });
  }
}

/** A target that was busy for a moment is not any more; one that is away keeps the effect waiting for no longer than this. */
const END_AGAIN_AFTER_MS = 100;

function endOf(hand: StepInHand, result: Awaited<ReturnType<StepInHand['provider']['execute']>>): Ending {
  switch (result.kind) {
    case 'done':
      return doneAs(hand, result.result);
    case 'unknown':
      return { state: 'unknown', code: result.code };
    case 'failed':
      return { state: MAY_SUCCEED_LATER.has(result.code) ? 'absent' : 'failed', code: result.code };
  }
}
