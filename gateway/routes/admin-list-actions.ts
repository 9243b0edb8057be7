import { z } from '@hono/zod-openapi';
import { listActions } from '../../db/list-actions';
import { withTenant } from '../../db/with-tenant';
import { ACTION_STATES } from '../../domain/action';
import { actionInFullView } from '../action-view';
import { operatedEnvironments } from '../may-operate';
import { page } from '../page';
import { defineRoute } from '../route';
import { ACTION_ID, actionInFull, exampleInFull, pageSize } from '../shapes';

export const adminListActions = defineRoute({
  method: 'get',
  path: '/v1/admin/actions',
  tag: 'operators',
  summary: 'List the actions of every agent, newest first',
  who: 'localOperator',
  query: z.strictObject({
    state: z.enum(ACTION_STATES as [string, ...string[]]).optional(),
    cursor: z.string().regex(ACTION_ID).optional(),
    limit: pageSize,
  }),
  answers: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      schema: z.object({ actions: z.array(actionInFull), nextCursor: z.string().nullable() }),
      example: { actions: [exampleInFull], nextCursor: null },
    },
  },
  refusals: [],
  handle: async ({ deps, caller, query: { state, cursor, limit } }) => {
    const { tenant } = caller;
    const environments = operatedEnvironments(caller);
    const filter = {
      limit: limit + 1,
      ...(environments !== undefined && { environments }),
      ...(state !== undefined && { state }),
      ...(cursor !== undefined && { before: cursor }),
    };
    const found = await withTenant(deps.pool, tenant, (client) => listActions(client, tenant, filter));
    const { items, nextCursor } = page(found, limit, 'id');
    return { status: 200, body: { actions: items.map(actionInFullView), nextCursor } };
  },
});
