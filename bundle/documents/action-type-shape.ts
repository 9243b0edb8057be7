import { z } from 'zod';
import { ACTION_TYPE_PATTERN } from '../../domain/ids';
import { apiVersion, distinct, duration, id, localName, matching, operationName, pointer, record } from './shapes';

const factSource = z.strictObject({
  source: id,
  query: operationName,
  args: record(localName, pointer, 8, 'a fact is looked up by a few values').default({}),
  missing: z.literal(['deny', 'null']).default('deny'),
});

const step = z.strictObject({
  id: localName,
  target: id,
  do: operationName,
  undo: operationName.optional(),
  status: operationName.optional(),
  verify: record(pointer, pointer, 16, 'an effect is recognised by a few values').optional(),
});

const text = z.strictObject({ text: pointer, flagChanged: z.boolean().optional() });
const money = z.strictObject({ money: z.tuple([pointer, pointer]) });
const fieldName = matching(
  /^[A-Za-z][A-Za-z0-9 _-]{0,31}$/,
  'a label',
  'Use up to 32 letters, digits, spaces, hyphens and underscores.',
);

/** Headline and fields stand at one level, as a person would write them. 150 characters is what a Slack header holds. */
const card = z
  .record(fieldName as z.ZodType<string> & z.core.$ZodRecordKey, z.unknown())
  .transform((entries, context) => {
    const shape = z.strictObject({ headline: z.string().min(1).max(150) }).catchall(z.union([text, money]));
    const result = shape.safeParse(entries);
    if (result.success) {
      const { headline, ...fields } = result.data;
      return { headline, fields };
    }
    for (const issue of result.error.issues) context.addIssue({ ...issue });
    return z.NEVER;
  })
  .refine(({ fields }) => Object.keys(fields).length <= 10, {
    error: 'shows more than 10 fields.',
    params: { remedy: 'Show what decides; the complete parameters follow the card anyway.' },
  });

/** An action type as its file has it (contract: `kind: ActionType`). */
export const actionTypeShape = z.strictObject({
  apiVersion,
  kind: z.literal('ActionType'),
  id: matching(ACTION_TYPE_PATTERN, 'an action type', 'Use up to four dotted lower-case names: payments.pay_invoice.'),
  version: z.int().min(1).max(1_000_000),
  owner: matching(/^team:[a-z0-9-]{1,63}$/, 'an owner', 'Write team:<id>, for example team:finance.'),
  risk: z.literal(['low', 'medium', 'high', 'critical']),
  effect: z.literal(['read', 'reversible', 'compensable', 'irreversible']),
  lane: z.literal(['cooperative', 'permit', 'granted', 'brokered']),
  params: z.record(z.string(), z.unknown()),
  facts: record(localName, factSource, 16, 'each fact is one request before every decision').default({}),
  envelope: z.array(pointer).max(16).default([]),
  budget: z
    .strictObject({
      per: distinct(z.literal(['team', 'agent', 'currency']), 3),
      amount: pointer,
      currency: pointer.optional(),
    })
    .optional(),
  // Rules of a cooperative action read a few limits.
  data: z.array(pointer).max(16).optional(),
  // Every step is one more thing that can stay half done.
  steps: z.array(step).max(8).default([]),
  grantTtl: duration('1s', '1h', 'a grant is for one step, and a step is over within minutes').optional(),
  card,
});

export type ActionTypeSource = z.infer<typeof actionTypeShape>;
