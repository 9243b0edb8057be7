import { type TaskKind } from '../db/tasks';
import { type DecidingDeps, type StepRef } from './deps';

/** Opens a task for a person, or finds it; says whether it was resolved. Asked again at every wake-up. */
export function createAskPerson({ db, ledger, fault }: DecidingDeps) {
  return async function askPerson({
    tenant,
    actionId,
    stepId,
    kind,
  }: StepRef & { readonly kind: TaskKind }): Promise<{ readonly resolved: boolean }> {
    const { task, resolved } = await db.withTenant(tenant, async (client) => {
      const effects = await db.loadEffects(client, tenant, actionId);
      const attempt =
        kind === 'unknown_outcome'
          ? effects.find((effect) => effect.step === stepId && effect.kind === 'do')?.attempt
          : undefined;
      const trouble = { actionId, step: stepId, kind, attempt };
      const task = db.taskIdOf(trouble);
      await db.openTask(client, tenant, trouble);
      if (kind === 'unknown_outcome') await db.markAction(client, tenant, actionId, 'unknown', [`operator:${task}`]);
      return { task, resolved: (await db.findTask(client, tenant, task))?.state === 'resolved' };
    });
    await fault('askPerson:after-commit');
    await ledger.append(tenant, [
      { key: `task/${task}/opened`, event: 'task.opened', entry: { action: actionId, step: stepId, task, kind } },
    ]);
    return { resolved };
  };
}
