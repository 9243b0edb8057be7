import { ActivityFailure } from '@temporalio/common';
import { condition } from '@temporalio/workflow';
import { type StepFound, type StepResult } from '../activities/results';
import { isRefused } from '../domain/refused';
import { type GovernedActionInput } from './contract/messages';
import { heard } from './heard';
import { hold } from './hold';
import { laterMs } from './later';
import { lendAccess } from './lend-access';
import { type Leave, type PlannedStep } from './leave';
import { deciding, effects } from './proxies';
import { type Progress } from './progress';

/** Waits before a target is asked again what became of an effect: it may be restarting. After these a person is asked too. */
const ASK_AGAIN_AFTER_MS = [1_000, 5_000, 20_000];

/** How often a step is taken up again after it was found not to have happened. */
const TAKE_UP_AGAIN = 3;

type Settled = Exclude<StepResult, { kind: 'unknown' }>;
type Ended = Exclude<Settled | Awaited<ReturnType<typeof lendAccess>>, { kind: 'held' }>;
type Found = Exclude<StepFound, { kind: 'unknown' }>;
type Ending = Exclude<Leave<never>, { kind: 'granted' | 'nothing' }>;

/** Does the steps in order. `reconsider`: the world or the policy changed, and the action must be decided anew. */
export async function performSteps(
  action: GovernedActionInput,
  steps: readonly PlannedStep[],
  progress: Progress,
): Promise<Ending | { readonly kind: 'reconsider' }> {
  for (const step of steps.filter(({ id }) => !progress.done.has(id))) {
    const result = await onceNotHeld(action, step, progress);
    switch (result.kind) {
      case 'done':
        progress.done.add(step.id);
        break;
      case 'failed':
        return { kind: 'stopped', stopped: 'failed', codes: [result.code] };
      case 'stopped':
        return { kind: 'stopped', stopped: result.stopped, codes: [result.code] };
      case 'reconsider':
        return result;
    }
  }
  return { kind: 'finished' };
}

/** A paused agent's next step waits; nothing of it has begun. */
async function onceNotHeld(action: GovernedActionInput, step: PlannedStep, progress: Progress): Promise<Ended> {
  for (;;) {
    const seen = progress.wakes();
    const result =
      step.access === true ? await lendAccess(action, step, progress) : await performStep(action, step, progress);
    if (result.kind !== 'held') return result;
    await hold(progress, seen);
  }
}

/** One step until it is known what became of it, however long that takes. */
async function performStep(action: GovernedActionInput, step: PlannedStep, progress: Progress): Promise<Settled> {
  const ref = { ...action, stepId: step.id };
  progress.begun.add(step.id);
  for (let taken = 0; taken < TAKE_UP_AGAIN; taken++) {
    progress.enter('executing', `Doing ${step.summary}.`);
    const result = await orUnknown(effects.performStep.executeWithOptions({ summary: step.summary }, [ref]));
    noteGrants(result, progress);
    // Stopped before it could begin: there is nothing to take back.
    if (result.kind === 'stopped' || result.kind === 'reconsider' || result.kind === 'held')
      progress.begun.delete(step.id);
    if (result.kind !== 'unknown') return result;
    const found = await findOut(action, step, progress);
    if (found.kind !== 'not_done') return found;
  }
  return { kind: 'failed', code: 'target_unreachable', revoked: false };
}

/** Asks the target by key, later and later, and then a person too, for as long as it takes. Nothing is sent again meanwhile. */
async function findOut(action: GovernedActionInput, step: PlannedStep, progress: Progress): Promise<Found> {
  const ref = { ...action, stepId: step.id };
  const ask = async (): Promise<StepFound> => {
    const result = await orUnknown(
      effects.reconcileStep.executeWithOptions({ summary: `what became of ${step.summary}` }, [ref]),
    );
    noteGrants(result, progress);
    return result;
  };
  for (let asked = 0; ; asked++) {
    const seen = progress.wakes();
    const found = await ask();
    if (found.kind !== 'unknown') return found;
    const soonMs = ASK_AGAIN_AFTER_MS[asked];
    const person = soonMs === undefined;
    if (person) await heard(() => deciding.askPerson({ ...ref, kind: 'unknown_outcome' }));
    progress.enter('unknown', `Nobody knows yet whether this happened: ${step.summary}.`, [
      `target:${step.id}`,
      ...(person ? ['operators'] : []),
    ]);
    const waitMs = soonMs ?? laterMs(asked - ASK_AGAIN_AFTER_MS.length);
    await condition(() => progress.wakes() > seen, waitMs, { summary: 'before the target is asked again' });
  }
}

/** An activity that ran out of time says nothing about what it did; nor does a result that we did not write. */
async function orUnknown<T>(result: Promise<T>): Promise<T | { readonly kind: 'unknown'; readonly revoked: false }> {
  try {
    const answer = await result;
    return isRefused(answer) ? { kind: 'unknown', revoked: false } : answer;
  } catch (error) {
    if (error instanceof ActivityFailure) return { kind: 'unknown', revoked: false };
    throw error;
  }
}

function noteGrants(result: object, progress: Progress): void {
  if ('revoked' in result && result.revoked === false) progress.liveGrants = true;
}
