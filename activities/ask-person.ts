import { type TaskKind } from '../db/tasks';
import { type DecidingDeps, type StepRef } from './deps';

/** Opens a task for a person, or finds it; says whether it was resolved. Asked again at every wake-up. */
export function createAskPerson({ db, ledger, fault }: DecidingDeps) {
  return async function askPerson({ tenant, actionId, stepId, kind }: StepRef & { readonly kind: TaskKind }): Promise<{ readonly resolved: boolean }> {
    const task = db.taskIdOf(actionId, stepId, kind);
    const resolved = await db.withTenant(tenant, async (client) => {
      await db.openTask(client, tenant, actionId, stepId, kind);
      if (kind === 'unknown_outcome') await db.markAction(client, tenant, actionId, 'unknown', [`operator:${task}`]);
      return (await db.findTask(client, tenant, task))?.state === 'resolved';
    });
    await fault('askPerson:after-commit');
    await ledger.append(tenant, [{ key: `task/${task}/opened`, event: 'task.opened', entry: { action: actionId, step: stepId, task, kind } }]);
    return { resolved };
  };
}
