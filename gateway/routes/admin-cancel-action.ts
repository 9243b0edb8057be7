import { z } from '@hono/zod-openapi';
import { findAction } from '../../db/find-action';
import { withTenant } from '../../db/with-tenant';
import { actionInFullView } from '../action-view';
import { askToCancel } from '../ask-to-cancel';
import { checkOperates } from '../may-operate';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { ACTION_ID, actionInFull, exampleInFull, freeText } from '../shapes';

export const adminCancelAction = defineRoute({
  method: 'post',
  path: '/v1/admin/actions/{id}/cancel',
  tag: 'operators',
  summary: "Ask that any agent's action end before anything happens",
  who: 'localOperator',
  idPattern: ACTION_ID,
  body: { schema: z.strictObject({ reason: freeText }), example: { reason: 'The vendor asked us to wait.' } },
  answers: { 202: { description: 'It was asked.', schema: actionInFull, example: exampleInFull } },
  refusals: ['action_closed', 'ledger_unavailable'],
  handle: async ({ deps, caller, id, body: { reason } }) => {
    const { tenant, id: person } = caller;
    const find = () => withTenant(deps.pool, tenant, (client) => findAction(client, tenant, id));
    const found = await find();
    if (found === undefined) throw new RequestRefused('not_found');
    checkOperates(caller, found.environment);
    await askToCancel(deps, tenant, found, `person:${person}`, reason);
    return { status: 202, body: actionInFullView((await find()) ?? found) };
  },
});
