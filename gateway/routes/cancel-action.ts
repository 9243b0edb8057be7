import { z } from '@hono/zod-openapi';
import { withTenant } from '../../db/with-tenant';
import { actionView } from '../action-view';
import { askToCancel } from '../ask-to-cancel';
import { findOwnAction } from '../find-own-action';
import { defineRoute } from '../route';
import { ACTION_ID, action, examplePending, freeText } from '../shapes';

export const cancelAction = defineRoute({
  method: 'post',
  path: '/v1/actions/{id}/cancel',
  tag: 'agents',
  summary: 'Ask that an action end before anything happens',
  description: 'A request, not a fact: what has begun goes on. The outcome says which came first.',
  who: 'agent',
  idPattern: ACTION_ID,
  body: { schema: z.strictObject({ reason: freeText.optional() }), example: { reason: 'The task was withdrawn.' } },
  answers: { 202: { description: 'It was asked.', schema: action, example: examplePending } },
  refusals: ['action_closed', 'agent_busy', 'ledger_unavailable'],
  handle: async ({ deps, caller, id, body: { reason } }) => {
    const { tenant } = caller;
    const found = await withTenant(deps.pool, tenant, (client) => findOwnAction(client, caller, id));
    await deps.agentTurns.take(caller, () => askToCancel(deps, tenant, found, `agent:${caller.id}`, reason));
    const now = await withTenant(deps.pool, tenant, (client) => findOwnAction(client, caller, id));
    return { status: 202, body: actionView(now), headers: { location: `/v1/actions/${id}` } };
  },
});
