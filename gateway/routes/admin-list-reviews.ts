import { z } from '@hono/zod-openapi';
import { listReviews } from '../../db/list-reviews';
import { withTenant } from '../../db/with-tenant';
import { page } from '../page';
import { defineRoute } from '../route';
import { exampleReview, review } from '../review-shapes';
import { pageSize, personId } from '../shapes';

export const adminListReviews = defineRoute({
  method: 'get',
  path: '/v1/admin/reviews',
  tag: 'operators',
  summary: 'List the agents of which somebody has to say whether they stay',
  who: 'member',
  query: z.strictObject({ cursor: personId.optional(), limit: pageSize }),
  answers: {
    200: {
      description: 'One page, by agent; `nextCursor` is null on the last.',
      schema: z.object({ reviews: z.array(review), nextCursor: z.string().nullable() }),
      example: { reviews: [exampleReview], nextCursor: null },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant }, query: { cursor, limit } }) => {
    const filter = { limit: limit + 1, ...(cursor !== undefined && { after: cursor }) };
    const found = await withTenant(deps.pool, tenant, (client) => listReviews(client, tenant, filter));
    const { items, nextCursor } = page(found, limit, 'agent');
    return { status: 200, body: { reviews: [...items], nextCursor } };
  },
});
