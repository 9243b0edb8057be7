import { z } from '@hono/zod-openapi';
import { findAction } from '../../db/find-action';
import { listAsked } from '../../db/list-asked';
import { listDecisions } from '../../db/list-decisions';
import { listEffects } from '../../db/list-effects';
import { listGrants } from '../../db/list-grants';
import { listTasks } from '../../db/list-tasks';
import { withTenant } from '../../db/with-tenant';
import { actionInFullView } from '../action-view';
import { checkOperates } from '../may-operate';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import {
  ACTION_ID,
  actionInFull,
  EXAMPLE_DIGEST,
  EXAMPLE_ID,
  exampleInFull,
  jsonObject,
  MAX_PAGE,
  task,
  time,
} from '../shapes';

const story = actionInFull.extend({
  params: jsonObject,
  claimed: z.object({
    because: z.string().nullable(),
    context: jsonObject.nullable(),
    onBehalfOf: z.string().nullable(),
  }),
  decisions: z.array(
    z.object({
      round: z.number().int(),
      stage: z.string(),
      effect: z.enum(['allow', 'deny', 'require_approval']),
      findings: z.array(jsonObject),
      chains: z.array(z.string()),
      bundleDigest: z.string(),
      decidedAt: time,
    }),
  ),
  asked: z
    .array(
      z.object({
        request: z.string(),
        round: z.number().int(),
        state: z.string(),
        deadline: time,
        places: z.array(z.object({ channel: z.string(), place: z.string(), state: z.string() })),
        notToldFor: z.string().nullable(),
      }),
    )
    .describe('When people were asked, and where. `notToldFor`: why the last try to tell them failed.'),
  effects: z.array(
    z.object({
      step: z.string(),
      kind: z.enum(['do', 'undo']),
      attempt: z.number().int(),
      state: z.string(),
      digest: z.string(),
      idempotencyKey: z.string(),
      code: z.string().nullable(),
      begunAt: time,
      settledAt: time.nullable(),
    }),
  ),
  grants: z.array(
    z.object({
      id: z.string(),
      step: z.string(),
      target: z.string(),
      state: z.string(),
      endedBy: z.string().nullable(),
      expiresAt: time,
      revokedAt: time.nullable(),
    }),
  ),
  tasks: z.array(task),
});

const example = {
  ...exampleInFull,
  params: { bucket: 'logs-2019' },
  claimed: { because: 'Retention ended in January.', context: null, onBehalfOf: null },
  decisions: [
    {
      round: 1,
      stage: 'initial',
      effect: 'require_approval',
      findings: [
        { code: 'storage.not_empty', effect: 'approval', chain: 'storage-two', message: 'The bucket is not empty.' },
      ],
      chains: ['storage-two'],
      bundleDigest: EXAMPLE_DIGEST,
      decidedAt: '2026-03-02T09:30:00.020Z',
    },
  ],
  asked: [
    {
      request: `apr-${EXAMPLE_ID.slice(4)}-1`,
      round: 1,
      state: 'expired',
      deadline: '2026-03-03T09:30:00.000Z',
      places: [{ channel: 'email', place: 'dana', state: 'intended' }],
      notToldFor: 'smtp_econnection',
    },
  ],
  effects: [],
  grants: [
    {
      id: `${EXAMPLE_ID}.remove.do.1`,
      step: 'remove',
      target: 'storage',
      state: 'revoked',
      endedBy: 'revoked',
      expiresAt: '2026-03-02T09:41:30.000Z',
      revokedAt: '2026-03-02T09:41:07.200Z',
    },
  ],
  tasks: [],
};

export const adminGetAction = defineRoute({
  method: 'get',
  path: '/v1/admin/actions/{id}',
  tag: 'operators',
  summary: 'Show everything that is stored about an action',
  who: 'localOperator',
  idPattern: ACTION_ID,
  answers: {
    200: {
      description: 'The action with its decisions, who was asked, effects, grants and tasks.',
      schema: story,
      example,
    },
  },
  refusals: [],
  handle: async ({ deps, caller, id }) => {
    const { tenant } = caller;
    const body = await withTenant(deps.pool, tenant, async (client) => {
      const action = await findAction(client, tenant, id);
      if (action === undefined) throw new RequestRefused('not_found');
      checkOperates(caller, action.environment);
      return {
        ...actionInFullView(action),
        params: action.params,
        claimed: { because: action.because, context: action.context, onBehalfOf: action.onBehalfOf },
        decisions: await listDecisions(client, tenant, id),
        asked: await listAsked(client, tenant, id),
        effects: await listEffects(client, tenant, id),
        grants: await listGrants(client, tenant, id),
        tasks: await listTasks(client, tenant, { action: id, limit: MAX_PAGE }),
      };
    });
    return { status: 200, body };
  },
});
