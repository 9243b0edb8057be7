import { z } from '@hono/zod-openapi';
import { listAgentVersions } from '../../db/list-agents';
import { withTenant } from '../../db/with-tenant';
import { ID_PATTERN } from '../../domain/ids';
import { agentVersion, exampleVersion } from '../agent-shapes';
import { agentNow } from '../changed-agent';
import { defineRoute } from '../route';

export const adminListAgentVersions = defineRoute({
  method: 'get',
  path: '/v1/admin/agents/{id}/versions',
  tag: 'operators',
  summary: 'See what an agent was and is made of',
  who: 'member',
  idPattern: ID_PATTERN,
  answers: {
    200: {
      description: 'Of its newest generation; the newest first, a hundred at most.',
      schema: z.object({ versions: z.array(agentVersion) }),
      example: { versions: [exampleVersion] },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, id }) => {
    await agentNow(deps, tenant, id);
    const versions = await withTenant(deps.pool, tenant, (client) => listAgentVersions(client, tenant, id));
    return { status: 200, body: { versions } };
  },
});
