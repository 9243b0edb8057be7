import { z } from '@hono/zod-openapi';
import { listStops } from '../../db/stops';
import { withTenant } from '../../db/with-tenant';
import { exampleStop, stop } from '../agent-shapes';
import { defineRoute } from '../route';

export const adminListStops = defineRoute({
  method: 'get',
  path: '/v1/admin/stops',
  tag: 'operators',
  summary: 'List what is stopped, and what had begun by then and has not ended',
  who: 'member',
  answers: {
    200: {
      description: 'The oldest first. `global` stops every tenant.',
      schema: z.object({ stops: z.array(stop) }),
      example: { stops: [exampleStop] },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant } }) => ({
    status: 200,
    body: { stops: await withTenant(deps.pool, tenant, (client) => listStops(client, tenant)) },
  }),
});
