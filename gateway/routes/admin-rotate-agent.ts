import { z } from '@hono/zod-openapi';
import { requireRotation } from '../../db/manage-agent-credentials';
import { ID_PATTERN } from '../../domain/ids';
import { reason } from '../agent-shapes';
import { changed } from '../changed-agent';
import { defineRoute } from '../route';

export const adminRotateAgent = defineRoute({
  method: 'post',
  path: '/v1/admin/agents/{id}/rotations',
  tag: 'operators',
  summary: 'Have an agent register another key soon',
  description:
    'It hears of it with its next token, within ten minutes, and goes on with the key in hand until then. What is exposed is revoked instead.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: { schema: z.strictObject({ reason }), example: { reason: 'Its machine is replaced.' } },
  answers: {
    200: {
      description: 'It will be told.',
      schema: z.object({ agent: z.string() }),
      example: { agent: 'invoice-clerk' },
    },
  },
  refusals: ['reason_required', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id: agent, body }) => {
    await changed(deps, tenant, (client) => requireRotation(client, { tenant, actor, agent }, body.reason));
    return { status: 200, body: { agent } };
  },
});
