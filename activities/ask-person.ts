import { type TaskKind } from '../db/tasks';
import { type DecidingDeps, type StepRef } from './deps';
import { taskOpened } from './entries';

/** Opens a task for a person, unless it stands already. Their answer is read where it is needed, from the task's row. */
export function createAskPerson({ db, ledger }: DecidingDeps) {
  return async function askPerson({
    tenant,
    actionId,
    stepId,
    kind,
  }: StepRef & { readonly kind: TaskKind }): Promise<void> {
    const task = await db.withTenant(tenant, async (client) => {
      const effects = await db.loadEffects(client, tenant, actionId);
      const attempt =
        kind === 'unknown_outcome'
          ? effects.find((effect) => effect.step === stepId && effect.kind === 'do')?.attempt
          : undefined;
      const trouble = { actionId, step: stepId, kind, attempt };
      await db.openTask(client, tenant, trouble);
      if (kind === 'unknown_outcome') await db.markAction(client, tenant, actionId, 'unknown', ['operators']);
      return db.taskIdOf(trouble);
    });
    await ledger.append(tenant, [taskOpened(task, { actionId, step: stepId, kind })]);
  };
}
