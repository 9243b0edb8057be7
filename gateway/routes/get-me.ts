import { z } from '@hono/zod-openapi';
import { defineRoute } from '../route';

export const getMe = defineRoute({
  method: 'get',
  path: '/v1/me',
  tag: 'everyone',
  summary: 'Learn whose key or token this is',
  who: 'anyone',
  answers: {
    200: {
      description: 'The caller.',
      schema: z.object({
        kind: z.enum(['agent', 'person']),
        tenant: z.string(),
        id: z.string(),
        roles: z.array(z.string()).describe('In every environment.'),
        rolesIn: z.array(z.object({ role: z.string(), environment: z.string() })),
      }),
      example: {
        kind: 'person',
        tenant: 'acme',
        id: 'dana',
        roles: ['viewer'],
        rolesIn: [{ role: 'approver', environment: 'production' }],
      },
    },
  },
  refusals: [],
  handle: async ({ caller }) => {
    const { kind, tenant, id } = caller;
    const { roles, rolesIn } = kind === 'person' ? caller : { roles: [], rolesIn: [] };
    return { status: 200, body: { kind, tenant, id, roles, rolesIn } };
  },
});
