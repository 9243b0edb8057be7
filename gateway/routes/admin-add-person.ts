import { z } from '@hono/zod-openapi';
import { type PeopleChange } from '../../db/change-people';
import { changePerson } from '../change-person';
import { examplePerson, mailAddress, person, personName } from '../people-shapes';
import { defineRoute } from '../route';
import { freeText, personId } from '../shapes';

export const adminAddPerson = defineRoute({
  method: 'post',
  path: '/v1/admin/people',
  tag: 'operators',
  summary: 'Add a person',
  description: 'Somebody new may do nothing yet. The same again is answered the same way.',
  who: 'admin',
  body: {
    schema: z.strictObject({ id: personId, name: personName, address: mailAddress.optional(), reason: freeText }),
    example: { id: 'dana', name: 'Dana Osei', address: 'dana@example.org', reason: 'Joined the storage team.' },
  },
  answers: { 200: { description: 'The person.', schema: person, example: examplePerson } },
  refusals: ['person_exists', 'identity_taken', 'second_person_needed', 'reason_required', 'ledger_unavailable'],
  handle: async ({ deps, caller: { tenant, id: actor }, body: { id, name, address, reason } }) => {
    const changes: PeopleChange[] = [{ do: 'add', name }];
    if (address !== undefined) changes.push({ do: 'link_address', address });
    return { status: 200, body: await changePerson(deps, tenant, { actor, person: id, reason }, changes) };
  },
});
