import { z } from '@hono/zod-openapi';
import { findAction } from '../../db/find-action';
import { findApproval } from '../../db/find-approval';
import { listVotes } from '../../db/list-votes';
import { withTenant } from '../../db/with-tenant';
import { approvalView } from '../approval-view';
import { seenEnvironments } from '../may-operate';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { EXAMPLE_DIGEST, EXAMPLE_ID, EXAMPLE_REQUEST, json, jsonObject, REQUEST_ID, time } from '../shapes';

const vote = z.object({
  person: z.string(),
  choice: z.enum(['approve', 'deny']),
  channel: z.string(),
  castAt: time,
  counts: z.boolean(),
});

const stage = z.object({
  need: z.number().int(),
  from: z.array(z.string()),
  eligible: z.array(z.string()),
  escalation: z.object({ afterMs: z.number(), to: z.array(z.string()), eligible: z.array(z.string()) }).nullable(),
  reason: z.enum(['optional', 'required']),
  votes: z.array(vote),
});

const approval = z.object({
  id: z.string(),
  action: z.string(),
  state: z.enum(['open', 'approved', 'rejected', 'expired', 'cancelled', 'superseded', 'unanswerable']),
  digest: z.string(),
  type: z.string(),
  risk: z.string(),
  agent: z.string(),
  card: z.object({
    headline: z.string(),
    fields: z.array(z.object({ label: z.string(), value: z.string(), before: z.string().optional() })),
  }),
  cardDigest: z.string().describe("The card's digest under the salt of `document`, as the ledger has it."),
  params: jsonObject,
  paramsText: z.string().describe('The complete parameters as RFC 8785 writes them.'),
  document: jsonObject.nullable().describe('What `digest` is the digest of.'),
  claimed: z
    .object({ because: z.string().nullable(), context: json, onBehalfOf: z.string().nullable() })
    .describe("The agent's own words. Nobody checked them."),
  asked: z
    .array(z.object({ code: z.string(), message: z.string(), chain: z.string() }))
    .describe('The rules that asked for people.'),
  openedAt: time,
  deadline: time,
  silence: z.string(),
  stages: z.array(stage),
  excluded: z
    .array(z.string())
    .describe(
      'People who may not decide: the agent is theirs or acts for them, or they are one human with one of those.',
    ),
});

const example = {
  id: EXAMPLE_REQUEST,
  action: EXAMPLE_ID,
  state: 'open',
  digest: EXAMPLE_DIGEST,
  type: 'storage.delete_bucket',
  risk: 'high',
  agent: 'janitor',
  card: { headline: 'Delete the bucket logs-2019', fields: [{ label: 'bucket', value: 'logs-2019' }] },
  cardDigest: EXAMPLE_DIGEST,
  params: { bucket: 'logs-2019' },
  paramsText: '{"bucket":"logs-2019"}',
  document: null,
  claimed: { because: 'Retention ended in January.', context: null, onBehalfOf: null },
  asked: [{ code: 'storage.not_empty', message: 'The bucket is not empty.', chain: 'storage-two' }],
  openedAt: '2026-03-02T09:30:00.000Z',
  deadline: '2026-03-03T09:30:00.000Z',
  silence: 'If this is not decided by 2026-03-03T09:30:00.000Z, it expires and nothing happens.',
  stages: [
    {
      need: 1,
      from: ['group:storage-owners'],
      eligible: ['dana', 'eli'],
      escalation: null,
      reason: 'optional',
      votes: [],
    },
  ],
  excluded: ['alex'],
};

export const getApproval = defineRoute({
  method: 'get',
  path: '/v1/approvals/{id}',
  tag: 'approvers',
  summary: 'See exactly what would run',
  who: 'member',
  idPattern: REQUEST_ID,
  answers: { 200: { description: 'The request, complete.', schema: approval, example } },
  refusals: [],
  handle: async ({ deps, caller, id }) => {
    const { tenant } = caller;
    const body = await withTenant(deps.pool, tenant, async (client) => {
      const found = await findApproval(client, tenant, id);
      const action = found && (await findAction(client, tenant, found.action));
      if (found === undefined || action === undefined) throw new RequestRefused('not_found');
      // As if it were not there: that it is, is not for whoever has no role in its environment.
      if (seenEnvironments(caller)?.includes(action.environment) === false) throw new RequestRefused('not_found');
      return approvalView(deps.pdp.catalogue, tenant, action, found, await listVotes(client, tenant, id));
    });
    return { status: 200, body };
  },
});
