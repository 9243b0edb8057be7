import { z } from '@hono/zod-openapi';
import { enqueueWake } from '../../db/enqueue-wake';
import { findAction } from '../../db/find-action';
import { findTask } from '../../db/find-task';
import { appendWithin } from '../../db/ledger';
import { type StoredTask } from '../../db/list-tasks';
import { type Resolution, resolveTask } from '../../db/resolve-task';
import { withTenant } from '../../db/with-tenant';
import { checkOperates } from '../may-operate';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { exampleTask, freeText, task, TASK_ID } from '../shapes';
import { startable } from '../start-action';
import { WAKE_GRACE_MS, wakeNow } from '../wake-now';

/** What a person can have found out about each kind of trouble. */
const ANSWERS: Readonly<Record<StoredTask['kind'], readonly Resolution['resolution'][]>> = {
  unknown_outcome: ['happened', 'did_not_happen'],
  undo_stuck: ['mended'],
  revocation_overdue: ['mended'],
};

export const adminResolveTask = defineRoute({
  method: 'post',
  path: '/v1/admin/tasks/{id}/resolve',
  tag: 'operators',
  summary: 'Record what a person found out or mended',
  description:
    'The action goes on from what is recorded here. The first resolution stands; the same one again is answered the same way.',
  who: 'localOperator',
  idPattern: TASK_ID,
  body: {
    schema: z.strictObject({ resolution: z.enum(['happened', 'did_not_happen', 'mended']), reason: freeText }),
    example: { resolution: 'did_not_happen', reason: 'The storage team looked at its log: the bucket stands.' },
  },
  answers: {
    200: {
      description: 'The task as it stands.',
      schema: task,
      example: {
        ...exampleTask,
        state: 'resolved',
        resolution: 'did_not_happen',
        reason: 'The storage team looked at its log: the bucket stands.',
        resolvedBy: 'robin',
        resolvedAt: '2026-03-02T10:02:00.000Z',
      },
    },
  },
  refusals: ['task_resolved', 'ledger_unavailable'],
  handle: async ({ deps, caller, id, body: { resolution, reason } }) => {
    const { tenant, id: by } = caller;
    const { resolved, action, first } = await withTenant(deps.pool, tenant, async (client) => {
      const found = await findTask(client, tenant, id);
      const action = found && (await findAction(client, tenant, found.action));
      if (found === undefined || action === undefined) throw new RequestRefused('not_found');
      checkOperates(caller, action.environment);
      checkAnswer(found.kind, resolution);
      const first = await resolveTask(client, tenant, { task: id, resolution, reason, by });
      if (first) {
        await enqueueWake(client, tenant, action.id, WAKE_GRACE_MS);
        const entry = { action: action.id, kind: found.kind, person: by, resolution, step: found.step, task: id };
        await appendWithin(client, tenant, [
          { key: `task/${id}/resolved`, event: 'task.resolved', entry, body: { reason } },
        ]);
      }
      return { resolved: await findTask(client, tenant, id), action, first };
    });
    if (resolved?.resolution !== resolution) throw new RequestRefused('task_resolved');
    if (first) wakeNow(deps, startable(tenant, action));
    return { status: 200, body: resolved };
  },
});

function checkAnswer(kind: StoredTask['kind'], resolution: Resolution['resolution']): void {
  const possible = ANSWERS[kind];
  if (possible.includes(resolution)) return;
  throw new RequestRefused('invalid_parameters', {
    problems: [{ path: '/resolution', message: `for a task of this kind: ${possible.join(' or ')}` }],
  });
}
