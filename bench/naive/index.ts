import { allHandlersFinished, condition, proxyActivities } from '@temporalio/workflow';
import { type GovernedActionInput } from '../../workflows/contract/messages';
import { setup } from '../../workflows/progress';
import { type ShapeActivities } from '../shapes/activities';
import { type DecidingVerbs } from './deciding-verbs';
import { type EffectVerbs } from './effect-verbs';
import { otherwise } from './otherwise';

const once = { startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } } as const;
const { act } = proxyActivities<ShapeActivities>(once);
const { decide, holdBudget, openApproval, readVerdict, settle } = proxyActivities<DecidingVerbs>(once);
const { beginEffect, send, verify, revoke } = proxyActivities<EffectVerbs>(once);

/**
 * An approved action as one writes it first: each verb of the story a regular activity, in a transaction of its own. All of them do what Countersign
 * does at that point; to mint is a round trip without work, as what is minted may not pass through a history, and is made where it is sent.
 */
export async function governedAction(input: GovernedActionInput): Promise<{ readonly state: string }> {
  const progress = setup();

  await decide(input);
  await holdBudget(input);
  const { bundleDigest, steps, waiting } = await openApproval(input);
  progress.decidedUnder(bundleDigest);
  progress.enter('waiting', 'Waiting for a countersignature.', waiting.waitingOn);
  progress.answer('waiting');
  await condition(() => progress.wakes() > 0, waiting.wakeInMs);
  const verdict = await readVerdict(input);
  if (verdict.kind !== 'approved') return otherwise(verdict.kind);

  progress.enter('executing', 'Doing it.');
  for (const stepId of steps) {
    const step = { ...input, stepId };
    const begun = await beginEffect(step);
    await act({ ...input, step: 'mint' });
    const sent = await send({ ...step, begun });
    await verify({ ...step, begun, sent });
    await revoke({ ...step, begun });
  }
  const { state } = await settle({ ...input, stopped: null, codes: [] });
  progress.enter(state, 'Ended.');
  await condition(allHandlersFinished);
  return { state };
}
