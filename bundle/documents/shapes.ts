import { z } from 'zod';
import { type Pointer } from '../../domain/documents';
import { ID_PATTERN } from '../../domain/ids';
import { parseDuration } from './duration';

/** The pieces that documents are made of. Each failure says what is wrong and what to write instead (`params.remedy`, see `shape-problems`). */

export function matching(pattern: RegExp, what: string, remedy: string) {
  return z.string().refine((text) => pattern.test(text), { error: `is not ${what}.`, params: { remedy } });
}

export const id = matching(ID_PATTERN, 'an id', 'Use 1 to 63 lower-case letters, digits and hyphens.');

/** Ids of steps and facts stand in pointers, so they hold nothing that a pointer would have to escape. */
export const localName = matching(
  /^[a-z][a-zA-Z0-9_]{0,31}$/,
  'a name',
  'Use a lower-case letter, then up to 31 letters, digits and underscores.',
);

export const operationName = matching(
  /^[a-z][a-zA-Z0-9]{0,63}$/,
  'an operation name',
  'Use camelCase, up to 64 letters and digits.',
);

export const group = matching(
  /^group:[a-z0-9-]{1,63}$/,
  'a group',
  'Write group:<id>, for example group:finance-approvers.',
);

/** Twelve members deep is more than any parameter schema may nest. */
export const pointer: z.ZodType<Pointer> = matching(
  /^(\/[A-Za-z0-9_-]{1,64}){1,12}$/,
  'a pointer',
  'Write it like /params/amountMinor or /facts/vendor/iban.',
);

/** A span of time as people write it, in milliseconds. The bounds come with their reason. */
export function duration(minimum: string, maximum: string, why: string) {
  const least = parseDuration(minimum) ?? 0;
  const most = parseDuration(maximum) ?? 0;
  const remedy = `Write ${minimum} to ${maximum}, with ms, s, m, h or d: ${why}.`;
  return z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined && ms >= least && ms <= most) return ms;
    context.addIssue({ code: 'custom', message: 'is not a duration that is allowed here.', params: { remedy } });
    return z.NEVER;
  });
}

/** A list without repetition, of a bounded length. */
export function distinct<T extends z.ZodType<string>>(item: T, most: number) {
  return z
    .array(item)
    .min(1)
    .max(most)
    .refine((items) => new Set(items).size === items.length, {
      error: 'names something twice.',
      params: { remedy: 'Name each once.' },
    });
}

/** An object whose names match a shape. Zod's records pass over `__proto__`, `read-yaml` has refused it by then. */
export function record<T extends z.ZodType>(name: z.ZodType<string>, value: T, most: number, why: string) {
  return z
    .record(name as z.ZodType<string> & z.core.$ZodRecordKey, value)
    .refine((entries) => Object.keys(entries).length <= most, {
      error: `has more than ${String(most)} entries.`,
      params: { remedy: `Split it: ${why}.` },
    });
}

/** A value that a document gives itself. */
export const constant = z.strictObject({ const: z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]) });

/** What every kind of target allows its answers. */
export const targetLimits = z
  .strictObject({
    timeout: duration(
      '50ms',
      '30s',
      'an effect that has no answer by then is unknown, and somebody waits for it',
    ).default(2_000),
    responseBytes: z.int().min(256).max(1_048_576).default(65_536),
  })
  .default({ timeout: 2_000, responseBytes: 65_536 });

/** Documents may say which version of the format they are written in; there is one. */
export const apiVersion = z.literal('countersign/v1').optional();

/** How the document of every kind of target begins. */
export const targetStart = { apiVersion, kind: z.literal('Target'), id };
