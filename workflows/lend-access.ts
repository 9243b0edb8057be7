import { ActivityFailure } from '@temporalio/common';
import { condition } from '@temporalio/workflow';
import { type Opened } from '../activities/open-access';
import { type AccessEnd } from '../activities/results';
import { isRefused } from '../domain/refused';
import { type GovernedActionInput } from './contract/messages';
import { heard } from './heard';
import { type PlannedStep } from './leave';
import { access, deciding, effects } from './proxies';
import { type Progress } from './progress';

type NotOpened = Exclude<Opened, { kind: 'open' }>;

/**
 * Lends the agent access of its own until it gives it back, its time is over, or something stops it; then ends the access. What an agent did
 * with it cannot be taken back, so such a step is never among those that are undone.
 */
export async function lendAccess(
  action: GovernedActionInput,
  step: PlannedStep,
  progress: Progress,
): Promise<AccessEnd | NotOpened> {
  const ref = { ...action, stepId: step.id };
  progress.enter('executing', `Opening ${step.summary}.`);
  const opened = await open(action, step);
  if (opened.kind !== 'open') return opened;
  progress.answer('executing');
  for (;;) {
    const seen = progress.wakes();
    const state = await heard(() => deciding.readAccess(ref));
    if (state.kind === 'over') break;
    if (state.kind === 'mint') {
      await access.mintAccess.executeWithOptions({ summary: `a credential for ${step.summary}` }, [ref]);
      continue;
    }
    progress.enter('executing', 'Waiting for the agent to use its access.', state.waitingOn);
    await condition(() => progress.wakes() > seen, state.wakeInMs, { summary: 'until the grant is over' });
  }
  progress.enter('executing', `Ending ${step.summary}.`);
  return await heard(() => access.endAccess.executeWithOptions({ summary: `end ${step.summary}` }, [ref]));
}

/** Its facts may be out of reach for long, or its answer not be ours: the row in Postgres says whether it was opened, so it is asked again. */
async function open(action: GovernedActionInput, step: PlannedStep): Promise<Opened> {
  for (;;) {
    try {
      const opened = await effects.openAccess.executeWithOptions({ summary: `open ${step.summary}` }, [
        { ...action, stepId: step.id },
      ]);
      if (!isRefused(opened)) return opened;
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
    }
  }
}
