import { z } from '@hono/zod-openapi';
import { listTasks } from '../../db/list-tasks';
import { withTenant } from '../../db/with-tenant';
import { operatedEnvironments } from '../may-operate';
import { page } from '../page';
import { defineRoute } from '../route';
import { exampleTask, pageSize, task, TASK_ID } from '../shapes';

export const adminListTasks = defineRoute({
  method: 'get',
  path: '/v1/admin/tasks',
  tag: 'operators',
  summary: 'List what only a person can settle',
  who: 'localOperator',
  query: z.strictObject({
    state: z.enum(['open', 'resolved']).default('open'),
    cursor: z.string().regex(TASK_ID).optional(),
    limit: pageSize,
  }),
  answers: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      schema: z.object({ tasks: z.array(task), nextCursor: z.string().nullable() }),
      example: { tasks: [exampleTask], nextCursor: null },
    },
  },
  refusals: [],
  handle: async ({ deps, caller, query: { state, cursor, limit } }) => {
    const { tenant } = caller;
    const environments = operatedEnvironments(caller);
    const filter = {
      state,
      limit: limit + 1,
      ...(cursor !== undefined && { after: cursor }),
      ...(environments !== undefined && { environments }),
    };
    const found = await withTenant(deps.pool, tenant, (client) => listTasks(client, tenant, filter));
    const { items, nextCursor } = page(found, limit, 'id');
    return { status: 200, body: { tasks: items, nextCursor } };
  },
});
