import { ActivityFailure } from '@temporalio/common';
import { condition, patched } from '@temporalio/workflow';
import { type UndoResult } from '../activities/undo-step';
import { type GovernedActionInput } from './contract/messages';
import { heard } from './heard';
import { laterMs } from './later';
import { control, deciding, effects } from './proxies';
import { type Progress } from './progress';

/**
 * Undoes in reverse what may have been done, whatever was fenced or paused meanwhile. What is refused becomes a task for a
 * person, and the steps before it are still undone; for what nobody answers they wait.
 */
export async function undoWhatWasDone(action: GovernedActionInput, progress: Progress): Promise<void> {
  for (const stepId of [...progress.begun].reverse()) {
    progress.enter('undoing', `Taking back ${stepId}.`);
    await takeBack(action, stepId, progress);
  }
}

/** After some weeks of trying it stays with the person who was asked: a history holds so much, and each try is a row, a credential and a few entries for ever. */
const TRIES = 900;

/** The first time as often as fits into its ten minutes; then once at a time. */
const ONCE = { retry: { maximumAttempts: 1 } };

/**
 * One step until it is undone, or known to be stuck, for weeks. Where nobody answers, a person is asked too; once they say that it is
 * mended, Postgres refuses the next try.
 */
async function takeBack(action: GovernedActionInput, stepId: string, progress: Progress): Promise<void> {
  for (let tried = 0; ; tried++) {
    const seen = progress.wakes();
    const undone = await undoStep(action, stepId, tried > 0);
    if (!undone.revoked) progress.liveGrants = true;
    if (undone.kind === 'undone') return;
    await heard(() => deciding.askPerson({ ...action, stepId, kind: 'undo_stuck' }));
    if (undone.kind === 'stuck' || tried >= TRIES) return;
    progress.enter('undoing', `Nobody has taken back ${stepId} yet.`, [`target:${stepId}`, 'operators']);
    await condition(() => progress.wakes() > seen, laterMs(tried), { summary: 'before it is taken back again' });
  }
}

async function undoStep(
  action: GovernedActionInput,
  stepId: string,
  again: boolean,
): Promise<UndoResult | { readonly kind: 'unanswered'; readonly revoked: false }> {
  try {
    return await heard(() =>
      effects.undoStep.executeWithOptions({ summary: `undo ${stepId}`, ...(again && ONCE) }, [{ ...action, stepId }]),
    );
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    // Actions that met this before it was tried again go on as they began: stuck at once.
    return { kind: patched('undo-again') ? 'unanswered' : 'stuck', revoked: false };
  }
}

/** Waits until no credential of this action is alive, if it takes for ever. The reaper does the same from the table alone. */
export async function revokeWhatLives(action: GovernedActionInput, progress: Progress): Promise<void> {
  if (!progress.liveGrants) return;
  await control.revokeGrants.executeWithOptions({ summary: 'end every credential of this action' }, [action]);
}
