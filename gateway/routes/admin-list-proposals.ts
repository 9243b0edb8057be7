import { z } from '@hono/zod-openapi';
import { listOpenProposals } from '../../db/proposals';
import { withTenant } from '../../db/with-tenant';
import { exampleProposal, proposal } from '../agent-shapes';
import { defineRoute } from '../route';
import { MAX_PAGE } from '../shapes';

export const adminListProposals = defineRoute({
  method: 'get',
  path: '/v1/admin/proposals',
  tag: 'operators',
  summary: 'List what one person wants and another has to confirm',
  who: 'member',
  answers: {
    200: {
      description: 'What is open, the oldest first; a hundred at most. Each is found by its id, too.',
      schema: z.object({ proposals: z.array(proposal) }),
      example: { proposals: [exampleProposal] },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant } }) => {
    const proposals = await withTenant(deps.pool, tenant, (client) => listOpenProposals(client, tenant, MAX_PAGE));
    return { status: 200, body: { proposals } };
  },
});
