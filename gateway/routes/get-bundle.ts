import { z } from '@hono/zod-openapi';
import { defineRoute } from '../route';
import { serveBundle } from '../serve-bundle';
import { EXAMPLE_DIGEST, jsonObject } from '../shapes';

const agent = z.object({
  tenant: z.string(),
  environment: z.string(),
  id: z.string(),
  generation: z.number().int(),
  version: z.string(),
  owner: z.string(),
  team: z.string(),
  roles: z.array(z.string()),
});

export const getBundle = defineRoute({
  method: 'get',
  path: '/v1/bundle',
  tag: 'agents',
  summary: 'Get what an agent decides by in its own process',
  description:
    'The part of the policy bundle in force that is for agents, signed by the key of bundles; who the agent is; and what is stopped for it now. ' +
    'For the lane `cooperative`. With `If-None-Match` the answer is 304 without a body while nothing has changed; ' +
    '`Countersign-Time` is the time that policy has, either way.',
  who: 'agent',
  headers: z.object({ 'if-none-match': z.string().max(200).optional() }),
  answers: {
    200: {
      description: 'The client bundle, with its `ETag`.',
      schema: z.object({ bundle: jsonObject, agent, stopped: z.array(z.string()) }),
      example: {
        bundle: {
          format: 'countersign-client-bundle/1',
          manifest: { digest: EXAMPLE_DIGEST, version: 7, of: EXAMPLE_DIGEST },
          signature: 'c2lnbmF0dXJl',
          content: { wasm: 'AGFzbQ==', actionTypes: {}, chains: ['storage-two'], data: {} },
        },
        agent: {
          tenant: 'acme',
          environment: 'production',
          id: 'janitor',
          generation: 1,
          version: '4',
          owner: 'dana',
          team: 'storage',
          roles: ['cleaner'],
        },
        stopped: [],
      },
    },
  },
  refusals: ['agent_not_active', 'not_found', 'not_ready'],
  handle: async ({ deps, caller, header }) => {
    const { etag, time, ...body } = await serveBundle(deps, caller);
    const headers = { etag, 'countersign-time': time };
    // What stands between may have made a weak one of it.
    const same = header('if-none-match')?.replace(/^W\//, '') === etag;
    return same ? { status: 304, body: {}, headers } : { status: 200, body, headers };
  },
});
