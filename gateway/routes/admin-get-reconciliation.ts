import { findReconciliation } from '../../db/reconciliations';
import { withTenant } from '../../db/with-tenant';
import { exampleReconciliation, reconciliation, RECONCILIATION_ID } from '../reconciliation-shapes';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const adminGetReconciliation = defineRoute({
  method: 'get',
  path: '/v1/admin/reconciliations/{id}',
  tag: 'operators',
  summary: 'Read what a look at the targets found',
  who: 'operator',
  idPattern: RECONCILIATION_ID,
  answers: {
    200: { description: 'What is known by now.', schema: reconciliation, example: exampleReconciliation },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, id }) => {
    const found = await withTenant(deps.pool, tenant, (client) => findReconciliation(client, tenant, id));
    if (found === undefined) throw new RequestRefused('not_found');
    return { status: 200, body: found };
  },
});
