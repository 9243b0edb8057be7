import { z } from '@hono/zod-openapi';
import { defineRoute } from '../route';
import { jsonObject } from '../shapes';

export const getJwks = defineRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  tag: 'everyone',
  summary: 'Public keys of the tokens that targets receive',
  description:
    'RFC 7517. `effects-…` signs one-action tokens, `facts-…` tokens that only read. A target accepts each for its own kind of operation.',
  who: 'public',
  answers: {
    200: {
      description: 'The key set.',
      schema: z.object({ keys: z.array(jsonObject) }),
      example: {
        keys: [
          {
            kty: 'OKP',
            crv: 'Ed25519',
            alg: 'EdDSA',
            use: 'sig',
            kid: 'effects-1f2e3c4b',
            x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
          },
        ],
      },
    },
  },
  refusals: [],
  handle: async ({ deps }) => ({ status: 200, body: { keys: deps.publicKeys } }),
});
