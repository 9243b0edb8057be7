import { z } from '@hono/zod-openapi';
import { registerAgent } from '../../db/change-agents';
import { digestOf } from '../../evidence/digest-of';
import { agent, EXAMPLE_PROPOSAL, exampleAgent, exampleContent, registration } from '../agent-shapes';
import { agentNow, changed } from '../changed-agent';
import { defineRoute } from '../route';

export const adminRegisterAgent = defineRoute({
  method: 'post',
  path: '/v1/admin/agents',
  tag: 'operators',
  summary: 'Register an agent',
  description:
    'It acts once another person, who neither owns nor registered it, has confirmed the proposal. An id that was offboarded becomes a new ' +
    'generation, which inherits nothing. One with a parent is stopped by whatever stops that. For owners, operators and admins.',
  who: 'member',
  body: {
    schema: registration,
    example: {
      ...{ id: 'invoice-clerk', owner: 'dana', team: 'finance', environment: 'production', version: '1' },
      ...{
        purpose: 'Answers questions about invoices.',
        riskTier: 'low',
        roles: ['invoice-reader'],
        dataScopes: ['invoices'],
      },
      ...{ content: exampleContent, reason: 'The pilot of the finance team.' },
    },
  },
  answers: {
    202: {
      description: 'The agent, and what another person has to confirm.',
      schema: z.object({ agent, proposal: z.string() }),
      example: { agent: { ...exampleAgent, state: 'onboarding' }, proposal: EXAMPLE_PROPOSAL },
    },
  },
  refusals: [
    'reason_required',
    'owner_not_active',
    'agent_exists',
    'parent_not_active',
    'line_too_long',
    'ledger_unavailable',
  ],
  handle: async ({ deps, caller: { tenant, id: actor }, body: { id, reason, ...asked } }) => {
    const digest = digestOf('agent-version', asked.content);
    const { proposal } = await changed(deps, tenant, (client) =>
      registerAgent(client, tenant, { actor, reason }, { ...asked, agent: id, digest }),
    );
    return { status: 202, body: { agent: await agentNow(deps, tenant, id), proposal } };
  },
});
