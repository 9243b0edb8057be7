import { z } from '@hono/zod-openapi';
import { moveAgent, proposeResumeUnder } from '../../db/change-agents';
import { ID_PATTERN } from '../../domain/ids';
import { agent, EXAMPLE_PROPOSAL, exampleAgent, reason } from '../agent-shapes';
import { agentNow, changed } from '../changed-agent';
import { defineRoute } from '../route';
import { personId } from '../shapes';

export const adminMoveAgent = defineRoute({
  method: 'post',
  path: '/v1/admin/agents/{id}/moves',
  tag: 'operators',
  summary: 'Restrict, stop, resume or offboard an agent',
  description:
    'Nothing of the agent begins once a stopping move is answered. Its owner may take away, and not give back. Out of quarantine it takes two ' +
    'people: then this proposes (202), also under another `owner`; nothing is given back to an agent whose owner left. Quarantined for another ' +
    'reason while it is in quarantine, the agent has one cause more, and what was proposed before is closed. An offboarding cannot be called off.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: {
    schema: z
      .strictObject({
        do: z.enum(['throttle', 'restrict', 'ask_always', 'pause', 'quarantine', 'resume', 'offboard']),
        owner: personId.optional().describe('With `resume`, out of quarantine: who owns it from then on.'),
        reason,
      })
      .refine(
        (move) => move.owner === undefined || move.do === 'resume',
        'only an agent that is resumed gets an owner',
      ),
    example: { do: 'pause', reason: 'It repeats itself.' },
  },
  answers: {
    200: { description: 'The agent as it is now.', schema: agent, example: { ...exampleAgent, state: 'paused' } },
    202: {
      description: 'What another person has to confirm.',
      schema: z.object({ agent, proposal: z.string() }),
      example: { agent: { ...exampleAgent, state: 'quarantined' }, proposal: EXAMPLE_PROPOSAL },
    },
  },
  refusals: ['reason_required', 'agent_state_forbids', 'proposed_already', 'owner_not_active', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id, body }) => {
    const asked = { actor, reason: body.reason };
    const moved = await changed(deps, tenant, (client) =>
      body.owner === undefined
        ? moveAgent(client, tenant, asked, id, body.do)
        : proposeResumeUnder(client, tenant, asked, id, body.owner),
    );
    const now = await agentNow(deps, tenant, id);
    if ('proposal' in moved) return { status: 202, body: { agent: now, proposal: moved.proposal } };
    return { status: 200, body: now };
  },
});
