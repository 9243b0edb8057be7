import { z } from '@hono/zod-openapi';
import { listOpenProposals } from '../../db/proposals';
import { withTenant } from '../../db/with-tenant';
import { exampleProposal, proposal, PROPOSAL_ID } from '../agent-shapes';
import { page } from '../page';
import { defineRoute } from '../route';
import { pageSize } from '../shapes';

export const adminListProposals = defineRoute({
  method: 'get',
  path: '/v1/admin/proposals',
  tag: 'operators',
  summary: 'List what one person wants and another has to confirm',
  who: 'member',
  query: z.strictObject({ cursor: z.string().regex(PROPOSAL_ID).optional(), limit: pageSize }),
  answers: {
    200: {
      description: 'One page of what is open, the oldest first; `nextCursor` is null on the last.',
      schema: z.object({ proposals: z.array(proposal), nextCursor: z.string().nullable() }),
      example: { proposals: [exampleProposal], nextCursor: null },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, query: { cursor, limit } }) => {
    const filter = { limit: limit + 1, ...(cursor !== undefined && { after: cursor }) };
    const found = await withTenant(deps.pool, tenant, (client) => listOpenProposals(client, tenant, filter));
    const { items, nextCursor } = page(found, limit, 'id');
    return { status: 200, body: { proposals: items, nextCursor } };
  },
});
