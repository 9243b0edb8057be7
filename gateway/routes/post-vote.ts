import { z } from '@hono/zod-openapi';
import { type Ballot, type BallotResult, castVote } from '../../db/cast-vote';
import { findAction } from '../../db/find-action';
import { findApproval } from '../../db/find-approval';
import { listVotes } from '../../db/list-votes';
import { withTenant } from '../../db/with-tenant';
import { type GatewayDeps } from '../deps';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';
import { EXAMPLE_DIGEST, EXAMPLE_REQUEST, freeText, REQUEST_ID } from '../shapes';
import { startable } from '../start-action';
import { wakeNow } from '../wake-now';

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
    const { result, action, repeated } = await withTenant(deps.pool, tenant, async (client) => {
      const approval = await findApproval(client, tenant, request);
      const action = approval && (await findAction(client, tenant, approval.action));
      if (action === undefined) throw new RequestRefused('not_found');
      const result = await castVote(client, tenant, ballot);
      const repeated =
        result === 'already_voted' && (await listVotes(client, tenant, request)).some((vote) => isSame(vote, ballot));
      return { result, action, repeated };
    });
    if (result !== 'recorded' && !repeated) {
      await recordRefusal(deps, tenant, action.id, ballot, result);
      throw new RequestRefused(result);
    }
    wakeNow(deps, startable(tenant, action));
    return { status: 200, body: { request, choice, recorded: true, before: repeated } };
  },
});

function isSame(vote: Pick<Ballot, 'person' | 'choice' | 'digest'>, ballot: Ballot): boolean {
  return vote.person === ballot.person && vote.choice === ballot.choice && vote.digest === ballot.digest;
}

/** Once per person, choice and cause: whoever repeats a refused vote does not make the ledger grow. */
async function recordRefusal(
  deps: GatewayDeps,
  tenant: string,
  action: string,
  ballot: Ballot,
  code: BallotResult,
): Promise<void> {
  const { request, person, choice, channel } = ballot;
  await deps.ledger.append(tenant, [
    {
      key: `vote-refused/${request}/${person}/${choice}/${code}`,
      event: 'vote.refused',
      entry: { action, channel, code, person, request, choice },
    },
  ]);
}
