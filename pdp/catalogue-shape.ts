import { z } from 'zod';
import { ACTION_TYPE_PATTERN, ID_PATTERN } from '../domain/ids';

/**
 * The catalogue as a bundle carries it (`domain/documents`). The build has judged what the documents mean; this guards against a bundle of
 * another version of the program, whose signature is just as good.
 */

const pointer = z.string().startsWith('/');
const pointers = z.record(z.string(), pointer);
const ms = z.int().positive();
const object = z.record(z.string(), z.unknown());

const step = z.strictObject({
  id: z.string(),
  target: z.string(),
  do: z.string(),
  undo: z.string().optional(),
  status: z.string(),
  verify: pointers.optional(),
});

const cardField = z.union([
  z.strictObject({ text: pointer, flagChanged: z.boolean().optional() }),
  z.strictObject({ money: z.tuple([pointer, pointer]) }),
]);

export const actionTypeShape = z.strictObject({
  id: z.string().regex(ACTION_TYPE_PATTERN),
  version: z.int().positive(),
  owner: z.string(),
  risk: z.literal(['low', 'medium', 'high', 'critical']),
  effect: z.literal(['read', 'reversible', 'compensable', 'irreversible']),
  lane: z.literal(['cooperative', 'permit', 'granted', 'brokered']),
  params: object,
  facts: z.record(
    z.string(),
    z.strictObject({ source: z.string(), query: z.string(), args: pointers, missing: z.literal(['deny', 'null']) }),
  ),
  envelope: z.array(pointer),
  budget: z
    .strictObject({
      per: z.array(z.literal(['team', 'agent', 'currency'])).min(1),
      amount: pointer,
      currency: pointer.optional(),
    })
    .optional(),
  data: z.array(pointer).optional(),
  steps: z.array(step),
  grantTtlMs: ms,
  card: z.strictObject({ headline: z.string(), fields: z.record(z.string(), cardField) }),
});

const constant = z.strictObject({ const: z.union([z.string(), z.number(), z.boolean(), z.null()]) });

const targetStart = {
  id: z.string().regex(ID_PATTERN),
  address: z.url(),
  limits: z.strictObject({ timeoutMs: ms, responseBytes: z.int().positive() }),
};

const httpTarget = z.strictObject({
  ...targetStart,
  provider: z.literal('http'),
  token: z.strictObject({ audience: z.string(), revoke: z.string().optional() }),
  operations: z.record(
    z.string(),
    z.strictObject({
      method: z.literal(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      path: z.string().startsWith('/'),
      args: pointers,
      query: pointers,
      body: z.record(z.string(), z.union([pointer, constant])).optional(),
    }),
  ),
});

const postgresTarget = z.strictObject({
  ...targetStart,
  provider: z.literal('postgres'),
  minter: z.strictObject({ role: z.string(), secret: z.string().regex(ID_PATTERN) }),
  operations: z.record(
    z.string(),
    z.union([
      z.strictObject({ profile: z.string(), sql: z.string(), params: z.array(z.union([pointer, constant])) }),
      z.strictObject({ profile: z.string() }),
    ]),
  ),
});

const target = z.discriminatedUnion('provider', [httpTarget, postgresTarget]);

const stage = z.strictObject({
  from: z.array(z.string()).min(1),
  need: z.int().positive(),
  remindAfterMs: z.array(ms),
  escalate: z.strictObject({ afterMs: ms, to: z.array(z.string()).min(1) }).optional(),
  reason: z.literal(['optional', 'required']),
});

const chain = z.strictObject({
  id: z.string().regex(ID_PATTERN),
  decideWithinMs: ms,
  validForMs: ms,
  stages: z.array(stage).min(1),
});

export const catalogueShape = z.strictObject({
  actionTypes: z.record(z.string(), actionTypeShape),
  targets: z.record(z.string(), target),
  chains: z.record(z.string(), chain),
  data: object,
});
