import { hash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { redeemInitLink } from '../../db/redeem-init-link';
import { newLogin } from '../new-login';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const postInit = defineRoute({
  method: 'post',
  path: '/v1/init',
  tag: 'operators',
  summary: 'Become the first admin',
  description:
    'For whoever was given the secret of `countersign init --admin`. It works once, for 15 minutes, and only while nobody is an admin. ' +
    'The secret is in the body, for addresses are written into logs.',
  who: 'public',
  body: {
    schema: z.strictObject({ secret: z.string().regex(/^[\x21-\x7e]{16,200}$/) }),
    example: { secret: 'countersign_init_0123456789' },
  },
  answers: {
    200: {
      description: 'A login token, which is shown once.',
      schema: z.object({ tenant: z.string(), person: z.string(), token: z.string() }),
      example: { tenant: 'acme', person: 'robin', token: 'countersign_person_…' },
    },
  },
  refusals: ['unauthenticated', 'init_closed', 'init_link_spent', 'person_exists', 'database_unavailable'],
  handle: async ({ deps, body: { secret } }) => {
    const { token, tokenHash } = newLogin();
    const redeemed = await redeemInitLink(deps.pool, hash('sha256', secret, 'buffer'), tokenHash);
    if (redeemed.kind === 'done') {
      const { tenant, person } = redeemed;
      return { status: 200, body: { tenant, person, token } };
    }
    if (redeemed.code !== 'not_found') throw new RequestRefused(redeemed.code);
    deps.strangers.add('unknown_init_secret', 'init');
    throw new RequestRefused('unauthenticated');
  },
});
