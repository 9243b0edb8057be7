import { ID_PATTERN } from '../../domain/ids';
import { agent, exampleAgent } from '../agent-shapes';
import { agentNow } from '../changed-agent';
import { defineRoute } from '../route';

export const adminGetAgent = defineRoute({
  method: 'get',
  path: '/v1/admin/agents/{id}',
  tag: 'operators',
  summary: 'See an agent',
  who: 'member',
  idPattern: ID_PATTERN,
  answers: { 200: { description: 'The agent as it is now.', schema: agent, example: exampleAgent } },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, id }) => ({ status: 200, body: await agentNow(deps, tenant, id) }),
});
