import { z } from '@hono/zod-openapi';
import { type PoolClient } from 'pg';
import { findAction } from '../../db/find-action';
import { findTask } from '../../db/find-task';
import { type StoredTask } from '../../db/list-tasks';
import { type Resolution, resolveTask } from '../../db/resolve-task';
import { withTenant } from '../../db/with-tenant';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { exampleTask, freeText, task, TASK_ID } from '../shapes';
import { startable } from '../start-action';
import { wakeNow } from '../wake-now';

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
    'The action goes on from what is recorded here. The first resolution stands; the same one again is answered the same way. ' +
    'Nobody resolves what is about an action that they may not decide on.',
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
  refusals: ['self_approval', 'task_resolved', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: by }, id, body: { resolution, reason } }) => {
    const { resolved, action, first } = await withTenant(deps.pool, tenant, async (client) => {
      const { kind, action: about } = await taskOf(client, tenant, id);
      const action = await findAction(client, tenant, about);
      if (action === undefined) throw new RequestRefused('not_found');
      checkAnswer(kind, resolution);
      const result = await resolveTask(client, tenant, { task: id, resolution, reason, by });
      if (result !== 'done' && result !== 'unchanged') throw new RequestRefused(result);
      return { resolved: await taskOf(client, tenant, id), action, first: result === 'done' };
    });
    if (first) wakeNow(deps, startable(tenant, action));
    return { status: 200, body: resolved };
  },
});

async function taskOf(client: PoolClient, tenant: string, id: string): Promise<StoredTask> {
  const found = await findTask(client, tenant, id);
  if (found === undefined) throw new RequestRefused('not_found');
  return found;
}

function checkAnswer(kind: StoredTask['kind'], resolution: Resolution['resolution']): void {
  const possible = ANSWERS[kind];
  if (possible.includes(resolution)) return;
  throw new RequestRefused('invalid_parameters', {
    problems: [{ path: '/resolution', message: `for a task of this kind: ${possible.join(' or ')}` }],
  });
}
