import { z } from '@hono/zod-openapi';
import { type Ballot } from '../../db/cast-vote';
import { castBallot } from '../cast-ballot';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { EXAMPLE_DIGEST, EXAMPLE_REQUEST, freeText, REQUEST_ID } from '../shapes';

const body = z.strictObject({
  choice: z.enum(['approve', 'deny']),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be the digest that the request showed'),
  reason: freeText.optional(),
});

const answer = z.object({
  request: z.string(),
  choice: z.enum(['approve', 'deny']),
  recorded: z.literal(true),
  before: z.boolean(),
});

export const postVote = defineRoute({
  method: 'post',
  path: '/v1/approvals/{id}/votes',
  tag: 'approvers',
  summary: 'Approve or deny',
  description:
    'Answers 200 once the vote is committed. The same vote again, with the same digest, is answered the same way (`before` is true then), ' +
    'so that a lost answer can be asked for again; nothing is counted twice. A denial needs a reason. Refused votes are in the ledger too.',
  who: 'member',
  idPattern: REQUEST_ID,
  headers: z.object({ 'countersign-channel': z.enum(['api', 'cli']).optional() }),
  body: { schema: body, example: { choice: 'approve', digest: EXAMPLE_DIGEST } },
  answers: {
    200: {
      description: 'The vote is recorded.',
      schema: answer,
      example: { request: EXAMPLE_REQUEST, choice: 'approve', recorded: true, before: false },
    },
  },
  refusals: [
    'self_approval',
    'not_entitled',
    'approval_expired',
    'approval_closed',
    'digest_mismatch',
    'already_voted',
    'reason_required',
    'ledger_unavailable',
  ],
  handle: async ({ deps, caller: { tenant, id: person }, id: request, body: { choice, digest, reason }, header }) => {
    const ballot: Ballot = {
      request,
      person,
      choice,
      digest,
      reason,
      channel: header('countersign-channel') === 'cli' ? 'cli' : 'api',
    };
    const cast = await castBallot(deps, tenant, ballot);
    if (cast.kind === 'refused') throw new RequestRefused(cast.code);
    return { status: 200, body: { request, choice, recorded: true, before: cast.before } };
  },
});
