import { hash, randomBytes } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { issueAgentEnrolment } from '../../db/manage-agent-credentials';
import { ID_PATTERN } from '../../domain/ids';
import { changed } from '../changed-agent';
import { defineRoute } from '../route';

/** As the database has it: by then somebody has looked at a machine that stopped renewing its key. */
const MAX_HOURS = 168;
/** A day: what is stolen from an agent that nobody runs any more ends by itself. */
const DEFAULT_HOURS = 24;

export const adminEnrolAgent = defineRoute({
  method: 'post',
  path: '/v1/admin/agents/{id}/enrolments',
  tag: 'operators',
  summary: 'Issue the secret by which an agent registers its key, which is shown once',
  description:
    'It works once, for 15 minutes, for the generation that the agent is in. Whoever has it can act as the agent: hand it to where that runs.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: {
    schema: z.strictObject({
      hours: z.number().int().min(1).max(MAX_HOURS).default(DEFAULT_HOURS).describe('How long a key is good for.'),
    }),
    example: { hours: DEFAULT_HOURS },
  },
  answers: {
    200: {
      description: 'The secret.',
      schema: z.object({ agent: z.string(), secret: z.string() }),
      example: { agent: 'invoice-clerk', secret: 'countersign_enrol_…' },
    },
  },
  refusals: ['agent_state_forbids', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id: agent, body: { hours } }) => {
    const secret = `countersign_enrol_${randomBytes(32).toString('base64url')}`;
    const secretHash = hash('sha256', secret, 'buffer');
    const of = { tenant, actor, agent };
    await changed(deps, tenant, (client) => issueAgentEnrolment(client, of, secretHash, hours));
    return { status: 200, body: { agent, secret } };
  },
});
