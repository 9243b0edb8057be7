import { type TaskKind } from '../db/tasks';
import { type DecidingDeps, type StepRef } from './deps';
import { effectOf } from './effect-of';
import { taskOpened } from './entries';

/**
 * Opens a task for a person, unless it stands already. Their answer is read where it is needed, from the task's row. Nobody is asked about an outcome
 * that is known by now, or about a step that was never begun or does not stand any more: an answer would count for nothing.
 */
export function createAskPerson({ db }: Pick<DecidingDeps, 'db'>) {
  return async function askPerson({
    tenant,
    actionId,
    stepId: step,
    kind,
  }: StepRef & { readonly kind: Exclude<TaskKind, 'revocation_overdue'> }): Promise<void> {
    await db.withTenant(tenant, async (client) => {
      // While nobody begins an attempt or ends it, nor the action.
      const [action, effects] = await Promise.all([
        db.lockAction(client, tenant, actionId),
        db.lockEffects(client, tenant, actionId),
      ]);
      if (action === undefined || action.settled) return;
      const begun = effectOf(effects, step, 'do');
      const unknown = begun?.state === 'begun' || begun?.state === 'unknown';
      const stands = (unknown || begun?.state === 'done') && effectOf(effects, step, 'undo')?.state !== 'done';
      const outcome = kind === 'unknown_outcome';
      if (outcome ? !unknown : !stands) return;
      const trouble = { actionId, step, kind, attempt: outcome ? begun?.attempt : undefined };
      await Promise.all([
        db.openTask(client, tenant, trouble),
        db.markAction(client, tenant, actionId, outcome ? 'unknown' : 'undoing', ['operators']),
        // In the same transaction: once the outcome is known, nobody comes back to tell it.
        db.appendWithin(client, tenant, [taskOpened(db.taskIdOf(trouble), trouble)]),
      ]);
    });
  };
}
