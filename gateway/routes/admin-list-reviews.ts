import { z } from '@hono/zod-openapi';
import { listReviews } from '../../db/list-reviews';
import { withTenant } from '../../db/with-tenant';
import { defineRoute } from '../route';
import { exampleReview, review } from '../review-shapes';
import { MAX_PAGE } from '../shapes';

export const adminListReviews = defineRoute({
  method: 'get',
  path: '/v1/admin/reviews',
  tag: 'operators',
  summary: 'List the agents of which somebody has to say whether they stay',
  who: 'member',
  answers: {
    200: {
      description: 'What is due first, then what asks for nothing; a hundred at most.',
      schema: z.object({ reviews: z.array(review) }),
      example: { reviews: [exampleReview] },
    },
  },
  refusals: [],
  handle: async ({ deps, caller: { tenant } }) => {
    const reviews = await withTenant(deps.pool, tenant, (client) => listReviews(client, tenant, MAX_PAGE));
    return { status: 200, body: { reviews } };
  },
});
