import { z } from '@hono/zod-openapi';
import { ACTION_TYPE_PATTERN } from '../../domain/ids';
import { REPORT_LIMITS } from '../../domain/reported-decision';
import { defineRoute } from '../route';
import { EXAMPLE_DIGEST, jsonObject } from '../shapes';
import { takeReports } from '../take-reports';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const decision = z.strictObject({
  seq: z.number().int().min(1),
  type: z.string().regex(ACTION_TYPE_PATTERN),
  params: jsonObject,
  // Postgres knows no year 0.
  at: z.iso.datetime({ precision: 3 }).regex(/^(?!0000)/, 'must be a year from 1 on'),
  effect: z.enum(['allow', 'deny', 'require_approval']),
  bundle: digest,
  inputDigest: digest,
});

export const postDecisions = defineRoute({
  method: 'post',
  path: '/v1/decisions',
  tag: 'agents',
  summary: 'Report decisions that the agent made in its own process',
  description:
    'For the lane `cooperative`. Each is a claim: it is decided again, as who the agent really is, under the bundle that it names, and recorded ' +
    'once by its number in the stream of its process. `mismatch` quarantines the agent; a gap in the numbers is recorded. Sending again changes nothing. An agent that is not active reports what it did, too, and hears that it may not go on.',
  who: 'agent',
  bodyLimits: { maxBytes: REPORT_LIMITS.batchBytes, maxDepth: 32, maxNodes: REPORT_LIMITS.batchBytes / 2 },
  body: {
    schema: z.strictObject({
      stream: z.uuid(),
      decisions: z.array(decision).min(1).max(REPORT_LIMITS.decisions),
    }),
    example: {
      stream: '5f2c9a52-7f0e-4c55-9d7d-0d4f9f6f2b11',
      decisions: [
        {
          seq: 1,
          type: 'storage.list_bucket',
          params: { bucket: 'logs-2019' },
          at: '2026-03-02T09:30:00.000Z',
          effect: 'allow' as const,
          bundle: EXAMPLE_DIGEST,
          inputDigest: EXAMPLE_DIGEST,
        },
      ],
    },
  },
  answers: {
    200: {
      description: 'All are recorded; what deciding again gave for each.',
      schema: z.object({
        decisions: z.array(z.object({ seq: z.number().int(), verdict: z.enum(['confirmed', 'diverged', 'mismatch']) })),
        mayGoOn: z.boolean(),
      }),
      example: { decisions: [{ seq: 1, verdict: 'confirmed' }], mayGoOn: true },
    },
  },
  refusals: ['agent_busy', 'ledger_unavailable'],
  handle: async ({ deps, caller, body: { stream, decisions } }) => ({
    status: 200,
    body: await takeReports(deps, caller, stream, decisions),
  }),
});
