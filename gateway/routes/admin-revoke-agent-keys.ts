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
    'All of them, or the one that is named and every one that was registered under it by rotation, and under that: whoever had it may have registered ' +
    'the next. So an agent that replaced its key in order is out, too. What it has begun goes on; without another key it asks for nothing more until ' +
    'it enrols again.',
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
      schema: z.object({
        agent: z.string(),
        keys: z.array(z.string()).describe('Thumbprints of those that were ended, the oldest first.'),
      }),
      example: { agent: 'invoice-clerk', keys: ['kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'] },
    },
  },
  refusals: ['reason_required', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id: agent, body: { key, reason: why } }) => {
    const { ended } = await changed(deps, tenant, (client) =>
      revokeAgentCredential(client, { tenant, actor, agent }, key, why),
    );
    return { status: 200, body: { agent, keys: ended } };
  },
});
