import { z } from '@hono/zod-openapi';
import { defineRoute } from '../route';

export const getLivez = defineRoute({
  method: 'get',
  path: '/livez',
  tag: 'everyone',
  summary: 'Whether the process answers',
  who: 'public',
  anyHost: true,
  answers: { 200: { description: 'It does.', schema: z.object({ live: z.literal(true) }), example: { live: true } } },
  refusals: [],
  handle: async () => ({ status: 200, body: { live: true } }),
});
