import { LIMITS } from '../domain/limits';
import { MAY_SUCCEED_LATER } from '../domain/provider';
import { createDenyByBundle } from './deny-by-bundle';
import { type StepRef, type TouchingDeps } from './deps';
import { createIsRevoked } from './is-revoked';
import { createPreflight } from './preflight';
import { createReconcile } from './reconcile-step';
import { type StepResult } from './results';
import { createSend } from './send-effect';
import { takeStep } from './step-in-hand';

/**
 * One step, to its end: re-check, begin, mint, send, verify, revoke. Run again after a crash it first asks the target
 * what became of the attempt that was under way, and sends again only what is known not to have happened.
 */
export function createPerformStep(deps: TouchingDeps) {
  const reconcile = createReconcile(deps);
  const preflight = createPreflight(deps);
  const send = createSend(deps);
  const denyByBundle = createDenyByBundle(deps);
  const isRevoked = createIsRevoked(deps);

  return async function performStep(ref: StepRef): Promise<StepResult> {
    for (;;) {
      const point = deps.pdp();
      const hand = await takeStep(deps, ref);
      if (hand === undefined)
        return { ...(await denyByBundle(point, ref.tenant, 'policy_changed')), ...left(await isRevoked(ref)) };
      const known = await reconcile(ref, hand.done, hand);
      if (known.kind !== 'not_done') return known;
      if (known.attempts >= LIMITS.stepAttempts)
        return { kind: 'failed', code: 'target_unreachable', revoked: known.revoked };
      // Whatever comes of this attempt, a credential of an earlier one may be alive.
      const earlier = left(known.revoked);
      // A workflow before this one began to undo it. That goes on, whatever would hold the step or have it decided anew.
      if (hand.action.state === 'undoing') return { ...CLOSED, ...earlier };
      // A result that no row bears out was forged in Temporal.
      if (!hand.isNext) return { ...(await denyByBundle(point, ref.tenant, 'action_closed')), ...earlier };
      const cleared = await preflight(hand);
      if (cleared.kind === 'begun_before') continue; // a twin of this activity is at it: see what became of its attempt
      if (cleared.kind !== 'cleared') return { ...cleared, ...earlier };
      const sent = await send(hand, cleared.beginning);
      if (sent.kind !== 'failed' || !MAY_SUCCEED_LATER.has(sent.code)) return { ...sent, ...earlier };
      await deps.pause(RETRY_AFTER_MS * 2 ** known.attempts);
    }
  };
}

const CLOSED = { kind: 'stopped', stopped: 'denied', code: 'action_closed' } as const;

/** A target that was busy or away is given half a second, then twice as long each time. */
const RETRY_AFTER_MS = 500;

function left(revoked: boolean): { readonly revoked?: false } {
  return revoked ? {} : { revoked };
}
