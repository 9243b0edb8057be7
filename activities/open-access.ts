import { ApplicationFailure } from '@temporalio/common';
import { createDenyByBundle } from './deny-by-bundle';
import { type StepRef, type TouchingDeps } from './deps';
import { createPreflight } from './preflight';
import { type Stopped } from './results';
import { takeStep } from './step-in-hand';

export type Opened = { readonly kind: 'open' } | Stopped;

/**
 * Lets an agent have access of its own: the same last look and the same row as before an effect that we would send, and from then on the
 * grant's time runs. Nothing is minted before the agent claims it. Run again, it finds the row.
 */
export function createOpenAccess(deps: TouchingDeps) {
  const preflight = createPreflight(deps);
  const denyByBundle = createDenyByBundle(deps);

  return async function openAccess(ref: StepRef): Promise<Opened> {
    const point = deps.pdp();
    const hand = await takeStep(deps, ref);
    if (hand === undefined) return await denyByBundle(point, ref.tenant, 'policy_changed');
    if (hand.done !== undefined) return { kind: 'open' };
    const cleared = await preflight(hand);
    if (cleared.kind === 'cleared') return { kind: 'open' };
    if (cleared.kind === 'begun_before')
      throw ApplicationFailure.retryable('a twin of this activity began it', 'begun_before');
    return cleared;
  };
}
