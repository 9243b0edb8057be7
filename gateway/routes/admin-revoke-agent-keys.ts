import { z } from '@hono/zod-openapi';
import { revokeAgentCredential } from '../../db/manage-agent-credentials';
import { ID_PATTERN } from '../../domain/ids';
import { reason } from '../agent-shapes';
import { changed } from '../changed-agent';
import { defineRoute } from '../route';

export const adminRevokeAgentKeys = defineRoute({
  method: 'post',
  path: '/v1/admin/agents/{id}/revocations',
  tag: 'operators',
  summary: 'End the keys of an agent, and the tokens that were given for them, at once',
  description:
    'All of them, or the one that is named. What the agent has begun goes on; it asks for nothing more until it enrols again.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: {
    schema: z.strictObject({
      key: z
        .string()
        .regex(/^[A-Za-z0-9_-]{43}$/, 'must be the thumbprint of a key')
        .optional(),
      reason,
    }),
    example: { reason: 'It stood in a log.' },
  },
  answers: {
    200: {
      description: 'They are worth nothing any more.',
      schema: z.object({ agent: z.string() }),
      example: { agent: 'invoice-clerk' },
    },
  },
  refusals: ['reason_required', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id: agent, body: { key, reason: why } }) => {
    await changed(deps, tenant, (client) => revokeAgentCredential(client, { tenant, actor, agent }, key, why));
    return { status: 200, body: { agent } };
  },
});
