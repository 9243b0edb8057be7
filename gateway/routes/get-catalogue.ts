import { z } from '@hono/zod-openapi';
import { defineRoute } from '../route';
import { EXAMPLE_DIGEST, jsonObject } from '../shapes';

const actionType = z.object({
  id: z.string(),
  version: z.number().int(),
  risk: z.enum(['low', 'medium', 'high', 'critical']),
  effect: z.enum(['read', 'reversible', 'compensable', 'irreversible']),
  lane: z.enum(['cooperative', 'permit', 'granted', 'brokered']),
  headline: z
    .string()
    .openapi({ description: 'What it does, with holes named in braces: `Pay {amount} to {vendor}`.' }),
  params: jsonObject,
});

export const getCatalogue = defineRoute({
  method: 'get',
  path: '/v1/catalogue',
  tag: 'everyone',
  summary: 'List the action types that there are, with the schema of their parameters',
  description: 'Being listed is not being allowed: policy decides each request.',
  who: 'anyone',
  answers: {
    200: {
      description: 'The catalogue of the policy bundle in force.',
      schema: z.object({ bundleDigest: z.string(), actionTypes: z.array(actionType) }),
      example: {
        bundleDigest: EXAMPLE_DIGEST,
        actionTypes: [
          {
            id: 'storage.delete_bucket',
            version: 2,
            risk: 'high',
            effect: 'compensable',
            lane: 'brokered',
            headline: 'Delete the bucket {bucket}',
            params: {
              type: 'object',
              additionalProperties: false,
              required: ['bucket'],
              properties: { bucket: { type: 'string', maxLength: 63 } },
            },
          },
        ],
      },
    },
  },
  refusals: [],
  handle: async ({ deps: { pdp } }) => {
    const types = Object.values(pdp.catalogue.actionTypes).sort((a, b) => (a.id < b.id ? -1 : 1));
    const actionTypes = types.map(({ id, version, risk, effect, lane, card, params }) => ({
      id,
      version,
      risk,
      effect,
      lane,
      headline: card.headline,
      params,
    }));
    return { status: 200, body: { bundleDigest: pdp.bundle.digest, actionTypes } };
  },
});
