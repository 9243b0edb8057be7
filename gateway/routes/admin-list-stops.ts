import { z } from '@hono/zod-openapi';
import { listStops } from '../../db/stops';
import { unheardBy } from '../../db/unheard-by';
import { withTenant } from '../../db/with-tenant';
import { exampleStop, stop, unheard } from '../agent-shapes';
import { defineRoute } from '../route';

export const adminListStops = defineRoute({
  method: 'get',
  path: '/v1/admin/stops',
  tag: 'operators',
  summary: 'List what is stopped, what had begun by then and has not ended, and who has not heard of it',
  who: 'member',
  answers: {
    200: {
      description: 'The oldest first. `global` stops every tenant.',
      schema: z.object({ stops: z.array(stop), unheard }),
      example: { stops: [exampleStop], unheard: [] },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant } }) => ({
    status: 200,
    body: await withTenant(deps.pool, tenant, async (client) => ({
      stops: await listStops(client, tenant),
      unheard: await unheardBy(client),
    })),
  }),
});
