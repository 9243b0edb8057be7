import { z } from '@hono/zod-openapi';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const getReadyz = defineRoute({
  method: 'get',
  path: '/readyz',
  tag: 'everyone',
  summary: 'Whether requests are taken',
  description: 'With the workflow service down requests are taken too: what is recorded starts when it is back.',
  who: 'public',
  anyHost: true,
  answers: {
    200: { description: 'They are.', schema: z.object({ ready: z.literal(true) }), example: { ready: true } },
  },
  refusals: ['not_ready'],
  handle: async ({ deps }) => {
    try {
      await deps.pool.query('select 1');
    } catch (error) {
      deps.log.warn({ err: error }, 'not ready');
      throw new RequestRefused('not_ready', { detail: 'The database does not answer.' });
    }
    return { status: 200, body: { ready: true } };
  },
});
