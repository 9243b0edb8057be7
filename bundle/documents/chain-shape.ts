import { z } from 'zod';
import { apiVersion, distinct, duration, group, id } from './shapes';

const stage = z.strictObject({
  from: distinct(group, 16),
  need: z.int().min(1).max(20).default(1),
  remind: z
    .array(duration('1s', '30d', 'a reminder comes while there is time to answer'))
    .max(8)
    .default([]),
  escalate: z
    .strictObject({
      after: duration('1s', '30d', 'others are asked while there is time to answer'),
      to: distinct(group, 16),
    })
    .optional(),
  reason: z.literal(['optional', 'required']).default('optional'),
  assurance: z
    .unknown()
    .optional()
    .refine((value) => value === undefined, {
      error: 'is not supported yet.',
      params: {
        remedy:
          'Remove assurance: this version knows how people signed in, not how strongly, and must not pretend otherwise.',
      },
    }),
});

/** An approval chain as its file has it (`kind: ApprovalChain`). */
export const chainShape = z.strictObject({
  apiVersion,
  kind: z.literal('ApprovalChain'),
  id,
  decideWithin: duration('1s', '30d', 'longer, and nobody remembers what was asked'),
  validFor: duration('1s', '7d', 'an approval speaks about the world as it was when it was given'),
  stages: z.array(stage).min(1).max(8),
});

export type ChainSource = z.infer<typeof chainShape>;
