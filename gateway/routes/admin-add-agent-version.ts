import { z } from '@hono/zod-openapi';
import { registerVersion } from '../../db/change-agents';
import { ID_PATTERN } from '../../domain/ids';
import { digestOf } from '../../evidence/digest-of';
import { agent, content, exampleAgent, exampleContent, reason, versionName } from '../agent-shapes';
import { agentNow, changed } from '../changed-agent';
import { defineRoute } from '../route';

export const adminAddAgentVersion = defineRoute({
  method: 'post',
  path: '/v1/admin/agents/{id}/versions',
  tag: 'operators',
  summary: 'Register another version of an agent, or put an earlier one in force again',
  description:
    'It is in force at once for what is asked from now on. What was asked before stays bound to its own. A version never changes.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: {
    schema: z.strictObject({ version: versionName, content, reason }),
    example: { version: '2', content: { ...exampleContent, model: 'model-8' }, reason: 'The new model.' },
  },
  answers: {
    200: { description: 'The agent as it is now.', schema: agent, example: { ...exampleAgent, version: '2' } },
  },
  refusals: ['reason_required', 'agent_state_forbids', 'version_taken', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id, body: { reason: why, ...version } }) => {
    const asked = { actor, reason: why };
    const digest = digestOf('agent-version', version.content);
    await changed(deps, tenant, (client) => registerVersion(client, tenant, asked, id, { ...version, digest }));
    return { status: 200, body: await agentNow(deps, tenant, id) };
  },
});
