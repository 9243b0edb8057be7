import { type PeopleChange } from '../../db/change-people';
import { ID_PATTERN } from '../../domain/ids';
import { changePerson } from '../change-person';
import { change, examplePerson, person } from '../people-shapes';
import { defineRoute } from '../route';

export const adminChangePerson = defineRoute({
  method: 'post',
  path: '/v1/admin/people/{id}/changes',
  tag: 'operators',
  summary: 'Change what a person may do, and how they are known',
  description:
    'One change: a role in one environment or all, a group, a Slack account, an address, another account of the same human, the end of logins, ' +
    'or that somebody left, with an heir for their agents (`agentsTo`) or none, so that these stop. It is in the ledger with its reason and whoever made it. What is so already is answered the same way. ' +
    'Nobody changes anything in favour of an account of their own, nor, alone, how another admin is known or whether they are one.',
  who: 'admin',
  idPattern: ID_PATTERN,
  body: {
    schema: change,
    example: { do: 'grant_role', role: 'approver', environment: 'production', reason: 'On the rota from Monday.' },
  },
  answers: { 200: { description: 'The person as they are now.', schema: person, example: examplePerson } },
  refusals: [
    'own_change',
    'second_person_needed',
    'identity_taken',
    'last_admin',
    'owner_not_active',
    'reason_required',
    'ledger_unavailable',
  ],
  handle: async ({ deps, caller: { tenant, id: actor }, id, body: { reason, ...asked } }) => {
    const changes = [asked as PeopleChange];
    return { status: 200, body: await changePerson(deps, tenant, { actor, person: id, reason }, changes) };
  },
});
