import { z } from 'zod';
import { constant, id, matching, operationName, pointer, record, targetLimits, targetStart } from './shapes';

/** Names that need no quotes: what a person reads in a document is what the server compares. */
const role = matching(
  /^[a-z_][a-z0-9_]{0,62}$/,
  'the name of a role',
  'Use up to 63 lower-case letters, digits and underscores, and no digit first.',
)
  // `pg_…` are the server's own, with rights over files and all data; `jit_…` are ours, and end within seconds.
  .refine((name) => !/^(pg|jit)_/.test(name) && name !== 'public' && name !== 'none', {
    error: 'is not a role that a target may lend.',
    params: { remedy: 'Make a NOLOGIN role of your own that holds what the operation needs, and nothing else.' },
  });

const operation = z.strictObject({
  profile: role,
  /** Without it the operation is access: what an agent of the lane granted may log in with. */
  sql: z.string().min(1).max(10_000).optional(),
  params: z
    .array(z.union([pointer, constant]))
    .max(64)
    .default([]),
});

const address = z.string().refine(isAddress, {
  error: 'is not an address that a target may have.',
  params: {
    remedy:
      'Write postgres://<host>:<port>/<database>, without user and password; only ?sslmode=disable or ?sslmode=verify-full may follow.',
  },
});

/** A database (`provider: postgres`). */
export const postgresTargetShape = z.strictObject({
  ...targetStart,
  provider: z.literal('postgres'),
  address,
  minter: z.strictObject({ role, secret: id }),
  limits: targetLimits,
  operations: record(operationName, operation, 64, 'a target of that size is several'),
});

export type PostgresTargetSource = z.infer<typeof postgresTargetShape>;

function isAddress(text: string): boolean {
  if (!/^postgres(ql)?:\/\/[^/@?#]+\/[^/?#]+(\?sslmode=(disable|verify-full))?$/.test(text)) return false;
  return URL.canParse(text);
}
