import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import { type ActionState } from '../domain/action';
import { awaitApproval } from './await-approval';
import { type GovernedActionInput, isGovernedActionInput } from './contract/messages';
import { decide } from './decide';
import { heard } from './heard';
import { hold } from './hold';
import { type Leave, type PlannedStep } from './leave';
import { performSteps } from './perform-steps';
import { deciding } from './proxies';
import { type Progress, setup } from './progress';
import { revokeWhatLives, undoWhatWasDone } from './take-back';

/**
 * One high-risk action, from request to revoked access. This file says what comes after what, and for how long; whether
 * anything may happen, Postgres says, step by step. A cancellation by hand in the Temporal UI is not obeyed: it would
 * skip the undoing and the revoking. Agents and operators cancel through the gateway, which writes it down.
 */
export async function governedAction(input: GovernedActionInput): Promise<{ readonly state: ActionState }> {
  const progress = setup();
  if (!isGovernedActionInput(input)) return progress.answer('denied'); // started by hand, with who knows what
  return await CancellationScope.nonCancellable(() => run(input, progress));
}

async function run(action: GovernedActionInput, progress: Progress): Promise<{ readonly state: ActionState }> {
  let leave = await obtainLeave(action, progress);
  while (leave.kind === 'granted') {
    const performed = await performSteps(action, leave.steps, progress);
    if (performed.kind === 'reconsider') leave = await obtainLeave(action, progress);
    else leave = performed;
  }
  if (leave.kind === 'nothing') return progress.answer('denied');

  if (leave.kind === 'stopped') await undoWhatWasDone(action, progress);
  await revokeWhatLives(action, progress);

  const ended = leave.kind === 'stopped' ? leave : { stopped: null, codes: [] };
  const { state } = await heard(() => deciding.settle({ ...action, stopped: ended.stopped, codes: ended.codes }));
  progress.enter(state, 'Ended.');
  progress.answer(state);
  await condition(allHandlersFinished);
  return { state };
}

/** Policy first, then the people whom policy names. */
async function obtainLeave(action: GovernedActionInput, progress: Progress): Promise<Leave<PlannedStep>> {
  const seen = progress.wakes();
  const decided = await heard(() => decide(action));
  if (decided.kind === 'nothing') return decided;
  if (decided.kind === 'held') {
    await hold(progress, seen);
    return await obtainLeave(action, progress);
  }
  for (const step of decided.begun ?? []) progress.begun.add(step);
  if (decided.live === true) progress.liveGrants = true;
  switch (decided.kind) {
    case 'undoing':
      return { kind: 'stopped', stopped: 'denied', codes: ['action_closed'] };
    case 'denied':
      return { kind: 'stopped', stopped: 'denied', codes: ['policy_denied'] };
    case 'allowed':
      progress.decidedUnder(decided.bundleDigest);
      return { kind: 'granted', steps: decided.steps };
    case 'asked':
      progress.decidedUnder(decided.bundleDigest);
      return await awaitApproval(action, decided, progress, seen);
  }
}
