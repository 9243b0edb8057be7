import { z } from 'zod';
import { constant, localName, matching, operationName, pointer, record, targetLimits, targetStart } from './shapes';

const path = matching(
  /^(\/([A-Za-z0-9._~:@-]|\{[a-z][a-zA-Z0-9_]{0,31}\})+)+$/,
  'a path',
  'Start with a slash, put placeholders in braces (/vendors/{id}), and leave query and fragment out.',
).refine((text) => !/\/\.{1,2}(\/|$)/.test(text), {
  error: 'steps out of its own path.',
  params: { remedy: 'Leave out . and .. segments.' },
});

const queryName = matching(
  /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
  'the name of a query parameter',
  'Use up to 64 letters, digits, dots, hyphens and underscores.',
);
const memberName = matching(
  /^[A-Za-z][A-Za-z0-9_]{0,63}$/,
  'the name of a member',
  'Use up to 64 letters, digits and underscores.',
);
const operation = z.strictObject({
  method: z.literal(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path,
  args: record(localName, pointer, 8, 'a path has a few placeholders').default({}),
  query: record(queryName, pointer, 16, 'a request asks for one thing').default({}),
  body: record(memberName, z.union([pointer, constant]), 64, 'a body is one flat object').optional(),
  /** The operation that answers, by key, whether this one happened: the default of a step's `status`. */
  status: operationName.optional(),
});

const address = z.string().refine(isAddress, {
  error: 'is not an address that a target may have.',
  params: {
    remedy:
      'Write http:// or https:// with a host, without credentials, query and fragment. Secrets are never part of a document.',
  },
});

/** A service over HTTP (`provider: http`). */
export const httpTargetShape = z.strictObject({
  ...targetStart,
  provider: z.literal('http'),
  address,
  token: z.strictObject({
    audience: matching(/^[A-Za-z0-9:/._-]{1,200}$/, 'an audience', 'Use up to 200 letters, digits and : / . _ -'),
    revoke: operationName.optional(),
  }),
  limits: targetLimits,
  operations: record(operationName, operation, 64, 'a target of that size is several'),
});

export type HttpTargetSource = z.infer<typeof httpTargetShape>;

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
  return url.username === '' && url.password === '' && url.search === '' && url.hash === '' && !/[?#]/.test(text);
}
