import { z } from '@hono/zod-openapi';
import { exceptFromOffboarding } from '../../db/offboarding';
import { ID_PATTERN } from '../../domain/ids';
import { agent, exampleAgent, reason } from '../agent-shapes';
import { agentNow, changed } from '../changed-agent';
import { defineRoute } from '../route';
import { EXAMPLE_ID } from '../shapes';

export const adminExceptFromOffboarding = defineRoute({
  method: 'post',
  path: '/v1/admin/agents/{id}/exceptions',
  tag: 'operators',
  summary: 'Answer for what an offboarding cannot settle',
  description:
    'An action that has no end yet, or a credential that nobody could look for at its target. Never one that lives. The receipt names who accepted it.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: {
    schema: z.strictObject({ subject: z.string().min(1).max(200), reason }),
    example: { subject: EXAMPLE_ID, reason: 'The bank was asked by phone: it did not happen.' },
  },
  answers: {
    200: { description: 'The agent as it is now.', schema: agent, example: { ...exampleAgent, state: 'offboarding' } },
  },
  refusals: ['reason_required', 'self_approval', 'agent_state_forbids', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id, body: { subject, reason: why } }) => {
    const asked = { actor, reason: why };
    await changed(deps, tenant, (client) => exceptFromOffboarding(client, tenant, asked, id, subject));
    return { status: 200, body: await agentNow(deps, tenant, id) };
  },
});
