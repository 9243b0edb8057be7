import { z } from '@hono/zod-openapi';
import { ID_PATTERN } from '../../domain/ids';
import { confirmProposal } from '../change-person';
import { examplePerson, person } from '../people-shapes';
import { defineRoute } from '../route';
import { freeText } from '../shapes';

export const adminConfirmAdmin = defineRoute({
  method: 'post',
  path: '/v1/admin/people/{id}/confirm-admin',
  tag: 'operators',
  summary: 'Confirm, as the second of two people, that somebody becomes an admin',
  description:
    'Neither whoever proposed it nor the candidate, with whichever account; another admin where there is one, else an owner or an operator of ' +
    'every environment. The database decides that.',
  who: 'member',
  idPattern: ID_PATTERN,
  body: { schema: z.strictObject({ reason: freeText }), example: { reason: 'Dana takes over from Robin.' } },
  answers: {
    200: {
      description: 'The new admin.',
      schema: person,
      example: { ...examplePerson, roles: ['admin', 'viewer'] },
    },
  },
  refusals: ['second_person_needed', 'reason_required', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, id: person, body: { reason } }) => {
    return { status: 200, body: await confirmProposal(deps, tenant, { actor, person, reason }) };
  },
});
