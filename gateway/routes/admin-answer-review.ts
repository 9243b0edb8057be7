import { z } from '@hono/zod-openapi';
import { answerReview } from '../../db/answer-review';
import { ID_PATTERN } from '../../domain/ids';
import { agent, exampleAgent, reason } from '../agent-shapes';
import { agentNow, changed } from '../changed-agent';
import { exampleReview } from '../review-shapes';
import { defineRoute } from '../route';

export const adminAnswerReview = defineRoute({
  method: 'post',
  path: '/v1/admin/agents/{id}/review',
  tag: 'operators',
  summary: 'Keep an agent as it is, or end it',
  description:
    'For whoever could let it in, and not for whoever stands behind it. To keep confirms its rights, by the digest of what was seen, and gives ' +
    'nothing back that was taken meanwhile. To end begins its offboarding, which cannot be called off.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: {
    schema: z.strictObject({ choice: z.enum(['keep', 'end']), digest: z.string().max(100), reason }),
    example: { choice: 'keep', digest: exampleReview.digest, reason: 'It still does this, and nothing else.' },
  },
  answers: { 200: { description: 'The agent as it is now.', schema: agent, example: exampleAgent } },
  refusals: [
    'reason_required',
    'self_approval',
    'review_not_open',
    'digest_mismatch',
    'owner_not_active',
    'ledger_unavailable',
  ],
  handle: async ({ deps, caller: { tenant, id: actor }, id, body }) => {
    await changed(deps, tenant, (client) => answerReview(client, tenant, id, { actor, ...body }));
    return { status: 200, body: await agentNow(deps, tenant, id) };
  },
});
