import { z } from '@hono/zod-openapi';
import { readAsTenant } from '../../db/read-as-tenant';
import { previewAction as preview, type PreviewDeps } from '../preview-action';
import { defineRoute } from '../route';
import { freeText, jsonObject, personId } from '../shapes';

const body = z.strictObject({
  type: z.string().max(160),
  params: jsonObject,
  because: freeText.optional(),
  context: jsonObject.optional(),
  onBehalfOf: personId.optional(),
});

const answer = z.object({
  decision: z.enum(['allow', 'deny', 'require_approval']),
  reasons: z.array(z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() })),
  chains: z.array(z.string()),
  card: z.object({
    headline: z.string(),
    fields: z.array(z.object({ label: z.string(), value: z.string(), before: z.string().optional() })),
  }),
  wouldWaitOn: z.array(z.string()).describe('People who could countersign first.'),
});

export const previewAction = defineRoute({
  method: 'post',
  path: '/v1/actions:preview',
  tag: 'agents',
  summary: 'See what would be decided',
  description:
    'Checks the request as `POST /v1/actions` does, reads the facts and asks policy. Nothing is recorded, held, asked of anybody or carried out, ' +
    'and nothing is promised: asked in earnest a moment later, the answer may be another. With a denial the card shows nothing of the facts.',
  who: 'agent',
  body: {
    schema: body,
    example: {
      type: 'storage.delete_bucket',
      params: { bucket: 'logs-2019' },
      because: 'Retention ended in January.',
    },
  },
  answers: {
    200: {
      description: 'What would be decided, and what approvers would see.',
      schema: answer,
      example: {
        decision: 'require_approval',
        reasons: [{ code: 'storage.not_empty', message: 'The bucket is not empty.' }],
        chains: ['storage-two'],
        card: { headline: 'Delete the bucket logs-2019', fields: [{ label: 'bucket', value: 'logs-2019' }] },
        wouldWaitOn: ['dana', 'eli'],
      },
    },
  },
  refusals: ['unknown_action_type', 'invalid_parameters', 'lane_not_taken', 'agent_not_active', 'fact_unanswered'],
  handle: async ({ deps: { pool, pdp, facts, log }, caller, body }) => {
    // Not all that the gateway has, but only what a preview may use.
    const deps: PreviewDeps = { pdp, facts, log, read: (tenant, work) => readAsTenant(pool, tenant, work) };
    return { status: 200, body: await preview(deps, caller, body) };
  },
});
