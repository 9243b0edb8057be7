import { z } from '@hono/zod-openapi';
import { listPeople } from '../../db/list-people';
import { withTenant } from '../../db/with-tenant';
import { page } from '../page';
import { examplePerson, person } from '../people-shapes';
import { defineRoute } from '../route';
import { pageSize, personId } from '../shapes';

export const adminListPeople = defineRoute({
  method: 'get',
  path: '/v1/admin/people',
  tag: 'operators',
  summary: 'List people, with what they may do and how they are known',
  who: 'admin',
  query: z.strictObject({ cursor: personId.optional(), limit: pageSize }),
  answers: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      schema: z.object({ people: z.array(person), nextCursor: z.string().nullable() }),
      example: { people: [examplePerson], nextCursor: null },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, query: { cursor, limit } }) => {
    const filter = { limit: limit + 1, ...(cursor !== undefined && { after: cursor }) };
    const found = await withTenant(deps.pool, tenant, (client) => listPeople(client, tenant, filter));
    const { items, nextCursor } = page(found, limit, 'id');
    return { status: 200, body: { people: items, nextCursor } };
  },
});
