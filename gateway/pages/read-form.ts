import { type Context } from 'hono';
import { check } from '../check';
import { readBytes } from '../read-body';
import { RequestRefused } from '../request-refused';
import { z } from '@hono/zod-openapi';
import { freeText } from '../shapes';

/** A reason of a thousand characters, each percent-encoded as up to four bytes, and the rest. */
const MAX_BYTES = 16_384;
const FORM = /^application\/x-www-form-urlencoded\s*(;.*)?$/i;

const form = z.strictObject({
  choice: z.enum(['approve', 'deny']),
  reason: freeText.optional(),
  /** As it is typed off a mail, spaces and all. */
  code: z
    .string()
    .transform((typed) => typed.replaceAll(/\s/g, ''))
    .optional(),
});

export type DecisionForm = z.output<typeof form>;

/** What a person sent from one of our pages. A field that appears twice means neither. */
export async function readForm(c: Context): Promise<DecisionForm> {
  if (!FORM.test(c.req.header('content-type') ?? '')) throw new RequestRefused('unsupported_media_type');
  const fields = [...new URLSearchParams((await readBytes(c.req.raw, MAX_BYTES)).toString('utf8'))];
  const twice = new Set(fields.map(([name]) => name)).size !== fields.length;
  // No text in Postgres may hold a NUL, as none in JSON may (`evidence/parse-json.ts`).
  if (twice || fields.some(([, value]) => value.includes('\0'))) throw new RequestRefused('invalid_parameters');
  return check(form, Object.fromEntries(fields.filter(([, value]) => value.trim() !== '')));
}
