import { z } from '@hono/zod-openapi';
import { askReconciliation } from '../../db/reconciliations';
import { reason } from '../agent-shapes';
import { changed } from '../changed-agent';
import { EXAMPLE_RECONCILIATION, RECONCILIATION_ID } from '../reconciliation-shapes';
import { defineRoute } from '../route';

export const adminReconcileGrants = defineRoute({
  method: 'post',
  path: '/v1/admin/reconciliations',
  tag: 'operators',
  summary: 'Hold what targets have against what we think lives there',
  description:
    'A worker looks, and ends at once what was thought dead and is alive. A credential that no grant knows is only reported. With `endAliensOf`, ' +
    'the id of an earlier report, those that it named are ended, and no others; that takes a reason. The answer is what to ask for.',
  who: 'operator',
  body: {
    schema: z.strictObject({ endAliensOf: z.string().regex(RECONCILIATION_ID).optional(), reason: reason.optional() }),
    example: { endAliensOf: EXAMPLE_RECONCILIATION, reason: 'Nobody of the storage team knows it.' },
  },
  answers: {
    202: {
      description: 'It is asked for.',
      schema: z.object({ id: z.string() }),
      example: { id: EXAMPLE_RECONCILIATION },
    },
  },
  refusals: ['not_found', 'reason_required', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, body }) => {
    const asked = { actor, endsAliensOf: body.endAliensOf ?? null, reason: body.reason ?? null };
    const { id } = await changed(deps, tenant, (client) => askReconciliation(client, tenant, asked));
    return { status: 202, body: { id }, headers: { location: `/v1/admin/reconciliations/${id}` } };
  },
});
