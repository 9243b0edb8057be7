import { z } from '@hono/zod-openapi';
import { findAction } from '../../db/find-action';
import { readAsTenant } from '../../db/read-as-tenant';
import { actionView } from '../action-view';
import { check } from '../check';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { action, exampleExecuted, examplePending, freeText, jsonObject, personId } from '../shapes';
import { startable, startAction } from '../start-action';
import { takeAction } from '../take-action';

/** Below the half minute after which proxies give a request up. */
const MAX_WAIT_MS = 25_000;
const DEFAULT_WAIT_MS = 20_000;

/** Visible ASCII without spaces: what every client, proxy and log writes the same way. */
const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters');

const body = z.strictObject({
  type: z.string().max(160),
  params: jsonObject,
  because: freeText.optional(),
  context: jsonObject.optional(),
  onBehalfOf: personId.optional().describe('Whom you act for. That person then may not decide on it.'),
  waitMs: z.number().int().min(0).max(3_600_000).optional(),
});

export const postAction = defineRoute({
  method: 'post',
  path: '/v1/actions',
  tag: 'agents',
  summary: 'Ask to act',
  description:
    'Records the request, has it decided and, where that needs nobody, carried out. Waits up to `waitMs` (at most 25 s) for the first answer. ' +
    'The same key with the same body is the same action, however often it is sent.',
  who: 'agent',
  headers: z.object({ 'idempotency-key': idempotencyKey }),
  body: {
    schema: body,
    example: {
      type: 'storage.delete_bucket',
      params: { bucket: 'logs-2019' },
      because: 'Retention ended in January.',
      waitMs: 20_000,
    },
  },
  answers: {
    200: { description: 'It has ended.', schema: action, example: exampleExecuted },
    202: { description: 'It has not ended yet: ask again at `Location`.', schema: action, example: examplePending },
  },
  refusals: [
    'idempotency_key_missing',
    'idempotency_key_reused',
    'unknown_action_type',
    'invalid_parameters',
    'lane_not_taken',
    'agent_not_active',
    'agent_throttled',
    'agent_busy',
    'scope_fenced',
    'too_many_pending',
    'fact_unanswered',
    'ledger_unavailable',
  ],
  handle: async ({ deps, caller, body, header, requestId }) => {
    const key = header('idempotency-key');
    if (key === undefined || key === '') throw new RequestRefused('idempotency_key_missing');
    const { type, params, because, context, onBehalfOf, waitMs = DEFAULT_WAIT_MS } = body;
    const request = {
      idempotencyKey: check(idempotencyKey, key, '/headers/idempotency-key'),
      type,
      params,
      because,
      context,
      onBehalfOf,
      requestId,
    };
    const { actionId, start } = await takeAction(deps, caller, request);

    const { tenant } = caller;
    const stored = () => readAsTenant(deps.pool, tenant, (client) => findAction(client, tenant, actionId));
    const before = start === undefined ? await stored() : undefined;
    const open = start ?? (before?.settledAt === null ? { action: startable(tenant, before) } : undefined);
    if (open !== undefined) await startAction(deps, open, Math.min(waitMs, MAX_WAIT_MS));
    const now = open === undefined ? before : await stored(); // what the workflow answered was a hint of when to look
    if (now === undefined) throw new Error('an action that was recorded is not there');
    if (now.settledAt !== null) return { status: 200, body: actionView(now) };
    return { status: 202, body: actionView(now), headers: { location: `/v1/actions/${actionId}` } };
  },
});
