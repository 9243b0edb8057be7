import { z } from '@hono/zod-openapi';
import { listApprovalsFor } from '../../db/list-approvals-for';
import { withTenant } from '../../db/with-tenant';
import { cardOf } from '../../domain/card-of';
import { seenEnvironments } from '../may-operate';
import { page } from '../page';
import { defineRoute } from '../route';
import { EXAMPLE_DIGEST, EXAMPLE_ID, EXAMPLE_REQUEST, pageSize, REQUEST_ID, time } from '../shapes';

const listed = z.object({
  id: z.string(),
  action: z.string(),
  headline: z.string(),
  type: z.string(),
  risk: z.string(),
  agent: z.string(),
  digest: z.string(),
  deadline: time,
});

export const listApprovals = defineRoute({
  method: 'get',
  path: '/v1/approvals',
  tag: 'approvers',
  summary: 'List open requests for approval, newest first',
  description:
    'Of the environments in which the caller has a role. With `for=me` only those that the caller may still decide on.',
  who: 'member',
  query: z.strictObject({
    for: z.literal('me').optional(),
    cursor: z.string().regex(REQUEST_ID).optional(),
    limit: pageSize,
  }),
  answers: {
    200: {
      description: 'One page; `nextCursor` is null on the last.',
      schema: z.object({ approvals: z.array(listed), nextCursor: z.string().nullable() }),
      example: {
        approvals: [
          {
            id: EXAMPLE_REQUEST,
            action: EXAMPLE_ID,
            headline: 'Delete the bucket logs-2019',
            type: 'storage.delete_bucket',
            risk: 'high',
            agent: 'janitor',
            digest: EXAMPLE_DIGEST,
            deadline: '2026-03-03T09:30:00.000Z',
          },
        ],
        nextCursor: null,
      },
    },
  },
  refusals: [],
  handle: async ({ deps, caller, query }) => {
    const { tenant, id: me } = caller;
    const found = await withTenant(deps.pool, tenant, (client) =>
      listApprovalsFor(client, tenant, {
        limit: query.limit + 1,
        environments: seenEnvironments(caller),
        ...(query.for === 'me' && { person: me }),
        ...(query.cursor !== undefined && { before: query.cursor }),
      }),
    );
    const { items, nextCursor } = page(found, query.limit, 'id');
    const approvals = items.map((item) => {
      const { id, action, type, risk, agent, digest, deadline, facts } = item;
      const { headline } = cardOf(deps.pdp.catalogue, item, facts, null);
      return { id, action, headline, type, risk, agent, digest, deadline: deadline.toISOString() };
    });
    return { status: 200, body: { approvals, nextCursor } };
  },
});
