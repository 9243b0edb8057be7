import { z } from '@hono/zod-openapi';
import { decideProposal, findProposal } from '../../db/proposals';
import { exampleProposal, proposal, PROPOSAL_ID, reason } from '../agent-shapes';
import { changed } from '../changed-agent';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const adminDecideProposal = defineRoute({
  method: 'post',
  path: '/v1/admin/proposals/{id}/decision',
  tag: 'operators',
  summary: 'Confirm or reject what another person proposed',
  description:
    'With the digest of what was seen. Not for the proposer, nor whoever stands behind the agent, nor any other account of theirs; a proposer may ' +
    'take it back by rejecting it.',
  who: 'member',
  idPattern: PROPOSAL_ID,
  body: {
    schema: z.strictObject({ choice: z.enum(['confirm', 'reject']), digest: z.string().max(100), reason }),
    example: { choice: 'confirm', digest: exampleProposal.digest, reason: 'Looked at its log with the team.' },
  },
  answers: {
    200: {
      description: 'The proposal as it stands.',
      schema: proposal,
      example: { ...exampleProposal, state: 'confirmed', decidedBy: 'dana', decidedAt: '2026-03-02T10:00:00.000Z' },
    },
  },
  refusals: [
    'reason_required',
    'self_approval',
    'proposal_closed',
    'digest_mismatch',
    'owner_not_active',
    'ledger_unavailable',
  ],
  handle: async ({ deps, caller: { tenant, id: actor }, id, body }) => {
    const now = await changed(deps, tenant, async (client) => {
      const result = await decideProposal(client, tenant, { actor, proposal: id, ...body });
      if (result !== 'done') return { refused: result };
      return (await findProposal(client, tenant, id)) ?? { refused: 'not_found' as const };
    });
    if (!('id' in now)) throw new RequestRefused('not_found');
    return { status: 200, body: now };
  },
});
