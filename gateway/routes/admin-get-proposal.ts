import { findProposal } from '../../db/proposals';
import { readAsTenant } from '../../db/read-as-tenant';
import { exampleProposal, proposal, PROPOSAL_ID } from '../agent-shapes';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const adminGetProposal = defineRoute({
  method: 'get',
  path: '/v1/admin/proposals/{id}',
  tag: 'operators',
  summary: 'See what one person wants and another has to confirm',
  description: 'However many others are open: whoever is asked to confirm one finds it, and its digest.',
  who: 'member',
  idPattern: PROPOSAL_ID,
  answers: { 200: { description: 'The proposal as it stands.', schema: proposal, example: exampleProposal } },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, id }) => {
    const found = await readAsTenant(deps.pool, tenant, (client) => findProposal(client, tenant, id));
    if (found === undefined) throw new RequestRefused('not_found');
    return { status: 200, body: found };
  },
});
