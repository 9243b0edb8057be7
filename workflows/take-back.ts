import { ActivityFailure } from '@temporalio/common';
import { type GovernedActionInput } from './contract/messages';
import { heard } from './heard';
import { control, deciding, effects } from './proxies';
import { type Progress } from './progress';

/**
 * Undoes in reverse what may have been done, whatever was fenced or paused meanwhile. What cannot be undone becomes a
 * task for a person; the steps before it are still undone.
 */
export async function undoWhatWasDone(action: GovernedActionInput, progress: Progress): Promise<void> {
  for (const stepId of [...progress.begun].reverse()) {
    progress.enter('undoing', `Taking back ${stepId}.`);
    const undone = await undoStep(action, stepId);
    if (!undone.revoked) progress.liveGrants = true;
    if (undone.kind === 'stuck') await heard(() => deciding.askPerson({ ...action, stepId, kind: 'undo_stuck' }));
  }
}

async function undoStep(action: GovernedActionInput, stepId: string): ReturnType<typeof effects.undoStep> {
  try {
    return await heard(() =>
      effects.undoStep.executeWithOptions({ summary: `undo ${stepId}` }, [{ ...action, stepId }]),
    );
  } catch (error) {
    // Its target did not take it in all that time: it is stuck until a person looks.
    if (error instanceof ActivityFailure) return { kind: 'stuck', revoked: false };
    throw error;
  }
}

/** Waits until no credential of this action is alive, if it takes for ever. The reaper does the same from the table alone. */
export async function revokeWhatLives(action: GovernedActionInput, progress: Progress): Promise<void> {
  if (!progress.liveGrants) return;
  await control.revokeGrants.executeWithOptions({ summary: 'end every credential of this action' }, [action]);
}
