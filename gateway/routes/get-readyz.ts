import { z } from '@hono/zod-openapi';
import { NOT_READY, type NotReady } from '../../domain/not-ready';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

const MISSING = z.object({ code: z.enum(Object.keys(NOT_READY) as [NotReady]), message: z.string() });

export const getReadyz = defineRoute({
  method: 'get',
  path: '/readyz',
  tag: 'everyone',
  summary: 'Whether requests are taken',
  description:
    'With the workflow service down requests are taken too: what is recorded starts when it is back, and `missing` says so. ' +
    'Where they are not taken, `problems` names each reason.',
  who: 'public',
  anyHost: true,
  answers: {
    200: {
      description: 'They are.',
      schema: z.object({ ready: z.literal(true), missing: z.array(MISSING) }),
      example: {
        ready: true,
        missing: [{ code: 'temporal_unavailable', message: NOT_READY.temporal_unavailable }],
      },
    },
  },
  refusals: ['not_ready'],
  handle: async ({ deps }) => {
    const [reasons, temporal] = await Promise.all([deps.readiness.reasons(), deps.temporalAnswers()]);
    const say = (code: NotReady) => ({ code, message: NOT_READY[code] });
    if (reasons.length > 0) {
      const said = reasons.map(say);
      throw new RequestRefused('not_ready', {
        detail: said.map(({ message }) => message).join(' '),
        problems: said.map(({ code, message }) => ({ path: `/${code}`, message })),
      });
    }
    return { status: 200, body: { ready: true, missing: temporal ? [] : [say('temporal_unavailable')] } };
  },
});
