import { z } from '@hono/zod-openapi';
import { time } from './shapes';

/** Shapes of the routes that hold targets against the table of grants. */

export const RECONCILIATION_ID = /^rec-[0-9a-f-]{36}$/;
export const EXAMPLE_RECONCILIATION = 'rec-0193d5a2-5c1e-4b3a-9d40-1f2e3c4b5a69';

const finding = z.object({
  kind: z
    .enum(['alien', 'foreign', 'missing', 'found_alive', 'unverified'])
    .describe(
      'alien: no grant knows it. foreign: likewise, and not made by our minter. missing: lent and not over, and not there. found_alive: thought ' +
        'dead, and there. unverified: it may be alive, and nobody could ask.',
    ),
  target: z.string(),
  role: z.string().optional(),
  grant: z.string().optional(),
  validUntil: z.string().nullable().optional(),
  sessions: z.number().int().optional(),
  done: z
    .enum(['ended', 'locked', 'alive'])
    .optional()
    .describe(
      'locked: nobody logs in any more, and as it owns something, it was not dropped. alive: it could not be ended.',
    ),
});

export const reconciliation = z.object({
  id: z.string(),
  askedBy: z.string(),
  askedAt: time,
  endsAliensOf: z.string().nullable(),
  finishedAt: time.nullable().describe('Null until a worker has looked.'),
  targets: z.array(z.object({ target: z.string(), state: z.enum(['asked', 'unanswered', 'unverified']) })).nullable(),
  findings: z.array(finding).nullable(),
  digest: z.string().nullable().describe('Of targets and findings; it is in the ledger.'),
});

export const exampleReconciliation = {
  id: EXAMPLE_RECONCILIATION,
  askedBy: 'robin',
  askedAt: '2026-03-02T09:30:00.000Z',
  endsAliensOf: null,
  finishedAt: '2026-03-02T09:30:02.000Z',
  targets: [
    { target: 'books', state: 'asked' as const },
    { target: 'payments', state: 'unverified' as const },
  ],
  findings: [
    { kind: 'alien' as const, target: 'books', role: `jit_${'4e'.repeat(12)}`, validUntil: null, sessions: 0 },
  ],
  digest: `sha256:${'6b'.repeat(32)}`,
};
