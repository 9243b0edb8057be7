import { z } from '@hono/zod-openapi';
import { type PoolClient } from 'pg';
import { enqueueWake } from '../../db/enqueue-wake';
import { type StoredAction } from '../../db/find-action';
import { returnGrant } from '../../db/return-grant';
import { withTenant } from '../../db/with-tenant';
import { canonicalJson } from '../../evidence/canonical-json';
import { actionView } from '../action-view';
import { findOwnGrant } from '../find-own-grant';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { action, examplePending, GRANT_ID, jsonObject } from '../shapes';
import { startable } from '../start-action';
import { WAKE_GRACE_MS, wakeNow } from '../wake-now';

/** A report says what came of it; whatever is larger belongs where the work was done. */
const MAX_RESULT_BYTES = 16_384;

const result = jsonObject.refine(
  (value) => Buffer.byteLength(JSON.stringify(value)) <= MAX_RESULT_BYTES,
  `must be at most ${String(MAX_RESULT_BYTES)} bytes of JSON`,
);

export const completeGrant = defineRoute({
  method: 'post',
  path: '/v1/grants/{id}/complete',
  tag: 'agents',
  summary: 'Give claimed access back, and report what came of it',
  description:
    'The login and its sessions are ended at once. The result is kept as what the agent says: nobody has checked it. With `failed: true` it did not succeed.',
  who: 'agent',
  idPattern: GRANT_ID,
  body: {
    schema: z.strictObject({ result: result.optional(), failed: z.boolean().optional() }),
    example: { result: { rows: 12 } },
  },
  answers: { 202: { description: 'It is recorded; the access ends now.', schema: action, example: examplePending } },
  refusals: ['grant_over', 'grant_unclaimed', 'agent_busy', 'ledger_unavailable'],
  handle: async ({ deps, caller, id, body }) => {
    const { tenant } = caller;
    const report = body.result === undefined ? null : canonicalJson(body.result);
    const returned = async (client: PoolClient): Promise<StoredAction> => {
      const own = await findOwnGrant(client, caller, id);
      await enqueueWake(client, tenant, own.action.id, WAKE_GRACE_MS);
      const as = body.failed === true ? 'failed' : 'done';
      const answer = await returnGrant(client, tenant, id, own.borrower, { as, report });
      if (answer !== 'returned') throw new RequestRefused(answer);
      return own.action;
    };
    const found = await deps.agentTurns.take(caller, () => withTenant(deps.pool, tenant, returned));
    wakeNow(deps, startable(tenant, found));
    return { status: 202, body: actionView(found), headers: { location: `/v1/actions/${found.id}` } };
  },
});
