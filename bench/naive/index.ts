import { ApplicationFailure, allHandlersFinished, condition, proxyActivities } from '@temporalio/workflow';
import { type DecidingActivities, type EffectActivities } from '../../activities';
import { type GovernedActionInput } from '../../workflows/contract/messages';
import { TASK_QUEUES } from '../../workflows/contract/names';
import { setup } from '../../workflows/progress';
import { type ShapeActivities } from '../shapes/activities';

const once = { startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } } as const;
const { act } = proxyActivities<ShapeActivities>(once);
const { decide, readVerdict, settle } = proxyActivities<DecidingActivities>(once);
const { performStep } = proxyActivities<EffectActivities>({ ...once, taskQueue: TASK_QUEUES.effects });

/**
 * An approved action as one writes it first: each verb of the story a regular activity. It decides, asks, shows, acts and settles by Countersign's
 * own code, so that both do the same work; where that code does several verbs at once, the others are round trips that do nothing.
 */
export async function governedAction(input: GovernedActionInput): Promise<{ readonly state: string }> {
  const progress = setup();
  const nothing = async (step: string) => await act({ ...input, step });

  const decided = await decide(input);
  if (decided.kind !== 'asked') throw otherwise(decided.kind);
  await nothing('holdBudget');
  await nothing('openApproval');
  progress.decidedUnder(decided.bundleDigest);
  progress.enter('waiting', 'Waiting for a countersignature.', decided.waiting.waitingOn);
  progress.answer('waiting');
  await condition(() => progress.wakes() > 0, decided.waiting.wakeInMs);
  const verdict = await readVerdict(input);
  if (verdict.kind !== 'approved') throw otherwise(verdict.kind);
  progress.enter('executing', 'Doing it.');
  await nothing('beginEffect');
  await nothing('mint');
  for (const { id } of decided.steps) await performStep({ ...input, stepId: id });
  await nothing('verify');
  await nothing('revoke');
  const { state } = await settle({ ...input, stopped: null, codes: [] });
  progress.enter(state, 'Ended.');
  await condition(allHandlersFinished);
  return { state };
}

/** A number of another story than the one that was meant to be measured would be worse than none. */
function otherwise(kind: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`It went otherwise than meant: ${kind}.`);
}
