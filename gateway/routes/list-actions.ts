import { z } from '@hono/zod-openapi';
import { findAgent } from '../../db/find-agent';
import { listActions as listStoredActions } from '../../db/list-actions';
import { withTenant } from '../../db/with-tenant';
import { actionView } from '../action-view';
import { page } from '../page';
import { defineRoute } from '../route';
import { ACTION_ID, action, EXAMPLE_ID, examplePending, pageSize } from '../shapes';

export const listActions = defineRoute({
  method: 'get',
  path: '/v1/actions',
  tag: 'agents',
  summary: "List the agent's own actions, newest first",
  who: 'agent',
  query: z.strictObject({ cursor: z.string().regex(ACTION_ID).optional(), limit: pageSize }),
  answers: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      schema: z.object({ actions: z.array(action), nextCursor: z.string().nullable() }),
      example: { actions: [examplePending], nextCursor: EXAMPLE_ID },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant, id }, query: { cursor, limit } }) => {
    const found = await withTenant(deps.pool, tenant, async (client) => {
      const agent = await findAgent(client, tenant, id);
      return agent === undefined
        ? []
        : await listStoredActions(client, tenant, {
            agent,
            limit: limit + 1,
            ...(cursor !== undefined && { before: cursor }),
          });
    });
    const { items, nextCursor } = page(found, limit, 'id');
    return { status: 200, body: { actions: items.map(actionView), nextCursor } };
  },
});
