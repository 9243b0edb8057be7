import { type EffectRecord } from '../db/load-effects';
import { type TaskResolution, type Trouble } from '../db/tasks';
import { type DecidingDeps, type StepRef } from './deps';

/** A question that a person may have been asked, and what has answered it. */
interface Answer {
  readonly to: Trouble;
  readonly found: TaskResolution;
}

/** What the end of an attempt answers, so that nobody needs to be asked any more; nothing where it is no end, or left the trouble as it was. */
export function answerOf(
  { actionId, stepId: step }: StepRef,
  { kind, attempt, state }: Pick<EffectRecord, 'kind' | 'attempt' | 'state'>,
): Answer | undefined {
  if (kind === 'undo')
    return state === 'done' ? { to: { actionId, step, kind: 'undo_stuck' }, found: 'mended' } : undefined;
  if (state === 'begun' || state === 'unknown') return undefined;
  const found = state === 'absent' || state === 'failed' ? 'did_not_happen' : 'happened';
  return { to: { actionId, step, kind: 'unknown_outcome', attempt }, found };
}

/** Somebody who was only frozen may have settled an attempt since a person was asked: they need not look any more. */
export function createWithdrawAnswered({ db }: Pick<DecidingDeps, 'db'>) {
  return async function withdrawAnswered(ref: StepRef, settled: EffectRecord): Promise<void> {
    const answer = answerOf(ref, settled);
    if (answer === undefined) return;
    await db.withTenant(
      ref.tenant,
      async (client) => await db.withdrawTask(client, ref.tenant, db.taskIdOf(answer.to), answer.found),
    );
  };
}
