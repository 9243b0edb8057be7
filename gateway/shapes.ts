import { z } from '@hono/zod-openapi';
import { ACTION_STATES } from '../domain/action';
import { ID_PATTERN } from '../domain/ids';
import { type Json, type JsonObject } from '../domain/json';

/*
 * Shapes that several routes answer with, and examples of them. What was parsed strictly is JSON already, hence the two types given to `unknown`.
 */

export const json = z.unknown() as unknown as z.ZodType<Json>;
export const jsonObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;
export const time = z.iso.datetime();

/** Ids as they are made here. Another text names nothing. */
export const ACTION_ID = /^act-[0-9a-f-]{36}$/;
export const REQUEST_ID = /^apr-[0-9a-f-]{36}-[0-9]{1,9}$/;
export const GRANT_ID = /^act-[0-9a-f-]{36}\.[A-Za-z0-9_-]{1,64}\.do\.[0-9]{1,4}$/;
export const TASK_ID = /^[\x21-\x7e]{1,200}$/;

/** Of people, groups and environments. */
export const personId = z.string().regex(ID_PATTERN, 'must be 1 to 63 lower-case letters, digits and hyphens');

/** The most that one page of a list holds: some 100 KB at worst. */
export const MAX_PAGE = 100;
export const pageSize = z.coerce.number().int().min(1).max(MAX_PAGE).default(50);

/** Text that a person or a model wrote. Postgres and the eye both take a thousand characters. */
export const freeText = z.string().min(1).max(1_000);

const reason = z.object({ code: z.string(), message: z.string(), remedy: z.string().optional() });

export const outcome = z.union([
  z.object({ kind: z.literal('executed'), say: z.string(), result: jsonObject }),
  z.object({
    kind: z.enum(['denied', 'rejected', 'expired', 'cancelled', 'undone', 'undo_stuck']),
    say: z.string(),
    reasons: z.array(reason),
  }),
  z.object({ kind: z.enum(['pending', 'unknown']), say: z.string(), waitingOn: z.array(z.string()) }),
]);

export const action = z.object({
  id: z.string(),
  type: z.string(),
  createdAt: time,
  settledAt: time.nullable(),
  outcome,
});

/** As its agent sees it: with the access that it may claim now, in the lane `granted`. */
export const ownAction = action.extend({
  grant: z.object({ id: z.string(), claimable: z.boolean(), expiresAt: time }).optional(),
});

export const actionInFull = action.extend({
  state: z.enum(ACTION_STATES as [string, ...string[]]),
  agent: z.object({ id: z.string(), generation: z.number().int(), version: z.string(), team: z.string() }),
  environment: z.string(),
  typeVersion: z.number().int(),
  risk: z.string(),
  lane: z.string(),
  round: z.number().int(),
  cancelRequestedAt: time.nullable(),
});

export const task = z.object({
  id: z.string(),
  action: z.string(),
  step: z.string(),
  kind: z.enum(['unknown_outcome', 'undo_stuck', 'revocation_overdue']),
  state: z.enum(['open', 'resolved']),
  openedAt: time,
  resolution: z.string().nullable(),
  reason: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  resolvedAt: time.nullable(),
});

export const EXAMPLE_ID = 'act-0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69';
export const EXAMPLE_GRANT = `${EXAMPLE_ID}.look.do.1`;
export const EXAMPLE_REQUEST = `apr-${EXAMPLE_ID.slice(4)}-1`;
export const EXAMPLE_DIGEST = `sha256:${'5f'.repeat(32)}`;

export const examplePending = {
  id: EXAMPLE_ID,
  type: 'storage.delete_bucket',
  createdAt: '2026-03-02T09:30:00.000Z',
  settledAt: null,
  outcome: {
    kind: 'pending',
    say: 'It waits for group:storage-owners. Nothing has happened yet.',
    waitingOn: ['group:storage-owners'],
  },
};

export const exampleExecuted = {
  ...examplePending,
  settledAt: '2026-03-02T09:41:07.250Z',
  outcome: { kind: 'executed', say: 'This was done.', result: { remove: { id: 'op-118' } } },
};

export const exampleInFull = {
  ...examplePending,
  state: 'waiting',
  agent: { id: 'janitor', generation: 1, version: '4', team: 'storage' },
  environment: 'production',
  typeVersion: 2,
  risk: 'high',
  lane: 'brokered',
  round: 1,
  cancelRequestedAt: null,
};

export const exampleTask = {
  id: `${EXAMPLE_ID}.remove.unknown_outcome`,
  action: EXAMPLE_ID,
  step: 'remove',
  kind: 'unknown_outcome',
  state: 'open',
  openedAt: '2026-03-02T09:45:00.000Z',
  resolution: null,
  reason: null,
  resolvedBy: null,
  resolvedAt: null,
};
