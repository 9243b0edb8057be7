import { z } from '@hono/zod-openapi';
import { listAgents } from '../../db/list-agents';
import { withTenant } from '../../db/with-tenant';
import { AGENT_STATES } from '../../domain/agent-life';
import { agent, exampleAgent } from '../agent-shapes';
import { page } from '../page';
import { defineRoute } from '../route';
import { pageSize, personId } from '../shapes';

export const adminListAgents = defineRoute({
  method: 'get',
  path: '/v1/admin/agents',
  tag: 'operators',
  summary: 'List agents, with their state and what they have open',
  who: 'member',
  query: z.strictObject({
    state: z.enum(AGENT_STATES).optional(),
    owner: personId.optional(),
    team: personId.optional(),
    cursor: personId.optional(),
    limit: pageSize,
  }),
  answers: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      schema: z.object({ agents: z.array(agent), nextCursor: z.string().nullable() }),
      example: { agents: [exampleAgent], nextCursor: null },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, query: { state, owner, team, cursor, limit } }) => {
    const filter = {
      limit: limit + 1,
      ...(state !== undefined && { state }),
      ...(owner !== undefined && { owner }),
      ...(team !== undefined && { team }),
      ...(cursor !== undefined && { after: cursor }),
    };
    const found = await withTenant(deps.pool, tenant, (client) => listAgents(client, tenant, filter));
    const { items, nextCursor } = page(found, limit, 'id');
    return { status: 200, body: { agents: items, nextCursor } };
  },
});
