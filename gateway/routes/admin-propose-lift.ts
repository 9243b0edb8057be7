import { z } from '@hono/zod-openapi';
import { proposeLift } from '../../db/stops';
import { EXAMPLE_PROPOSAL, reason } from '../agent-shapes';
import { changed } from '../changed-agent';
import { defineRoute } from '../route';

export const adminProposeLift = defineRoute({
  method: 'post',
  path: '/v1/admin/stops/lift',
  tag: 'operators',
  summary: 'Propose to lift a stop',
  description:
    'Nothing is lifted by it: another person confirms the proposal. What the stop ended does not begin again by itself.',
  who: 'member',
  body: {
    schema: z.strictObject({ scope: z.string().max(150), reason }),
    example: { scope: 'team:finance', reason: 'The vendor is known after all.' },
  },
  answers: {
    202: {
      description: 'What another person has to confirm.',
      schema: z.object({ proposal: z.string() }),
      example: { proposal: EXAMPLE_PROPOSAL },
    },
  },
  refusals: ['not_found', 'reason_required', 'proposed_already', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, body }) => ({
    status: 202,
    body: await changed(deps, tenant, (client) =>
      proposeLift(client, tenant, { actor, reason: body.reason }, body.scope),
    ),
  }),
});
