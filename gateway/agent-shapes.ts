import { z } from '@hono/zod-openapi';
import { AGENT_STATES } from '../domain/agent-life';
import { freeText, jsonObject, personId, time } from './shapes';

/** Shapes of the routes about agents, proposals and stops. */

const word = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, colons, hyphens and underscores');
export const versionName = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens and underscores');
export const reason = freeText;

/** Sixteen roles or scopes are more than anybody looks through who is to let an agent in. */
const words = z.array(word).max(16).default([]);

/** The whole body has the gateway's limit of bytes and depth. */
export const content = z
  .strictObject({
    model: z.string().min(1).max(200),
    prompt: z.string().max(32_000),
    tools: z.array(z.string().min(1).max(200)).max(200),
    config: jsonObject,
  })
  .describe('What the agent is made of. Its digest is computed here.');

export const exampleContent = {
  model: 'model-7',
  prompt: 'You answer questions about invoices. You never promise a payment.',
  tools: ['erp.read_invoice'],
  config: { temperature: 0 },
};

export const registration = z.strictObject({
  id: personId,
  owner: personId,
  team: personId,
  environment: personId,
  purpose: freeText,
  riskTier: z.enum(['low', 'medium', 'high', 'critical']),
  roles: words,
  dataScopes: words,
  version: versionName,
  parent: personId.optional().describe('An agent with which all that this one may do ends.'),
  content,
  reason,
});

export const agent = z.object({
  id: z.string(),
  generation: z.number().int(),
  state: z.enum(AGENT_STATES),
  stateSince: time,
  owner: z.string(),
  creator: z.string(),
  team: z.string(),
  environment: z.string(),
  purpose: z.string().nullable(),
  riskTier: z.string().nullable(),
  roles: z.array(z.string()),
  dataScopes: z.array(z.string()),
  version: z.string(),
  parent: z
    .string()
    .nullable()
    .describe('The agent that it comes from. Its own state is not all: what stops that one stops it.'),
  openActions: z.number().int(),
  liveGrants: z.number().int().describe('Credentials made for its actions that are not known to be dead.'),
  receipt: z.string().nullable().describe('The digest of its receipt, once it was offboarded.'),
});

export const exampleAgent = {
  id: 'invoice-clerk',
  generation: 1,
  state: 'active' as const,
  stateSince: '2026-03-02T09:30:00.000Z',
  owner: 'dana',
  creator: 'robin',
  team: 'finance',
  environment: 'production',
  purpose: 'Answers questions about invoices.',
  riskTier: 'low',
  roles: ['invoice-reader'],
  dataScopes: ['invoices'],
  version: '1',
  parent: null,
  openActions: 0,
  liveGrants: 0,
  receipt: null,
};

export const agentVersion = z.object({
  version: z.string(),
  digest: z.string(),
  content: jsonObject,
  registeredBy: z.string(),
  registeredAt: time,
  inForce: z.boolean(),
});

export const exampleVersion = {
  version: '1',
  digest: `sha256:${'3f'.repeat(32)}`,
  content: exampleContent,
  registeredBy: 'robin',
  registeredAt: '2026-03-02T09:30:00.000Z',
  inForce: true,
};

export const PROPOSAL_ID = /^prp-[0-9a-f-]{36}$/;
export const EXAMPLE_PROPOSAL = 'prp-0193d5a2-5c1e-4b3a-9d40-1f2e3c4b5a69';

export const proposal = z.object({
  id: z.string(),
  verb: z.enum(['onboard', 'resume', 'lift']),
  subject: z.string().describe('An agent and its generation, or the scope of a stop.'),
  what: jsonObject.describe('All that is proposed.'),
  digest: z.string().describe('Whoever confirms says by it that they saw exactly this.'),
  proposedBy: z.string(),
  proposedAt: time,
  expiresAt: time,
  state: z.enum(['open', 'confirmed', 'rejected', 'expired']),
  decidedBy: z.string().nullable(),
  decidedAt: time.nullable(),
});

export const exampleProposal = {
  id: EXAMPLE_PROPOSAL,
  verb: 'resume' as const,
  subject: 'invoice-clerk/1',
  what: { agent: 'invoice-clerk', generation: 1, reason: 'The cause was found and mended.' },
  digest: `sha256:${'5a'.repeat(32)}`,
  proposedBy: 'robin',
  proposedAt: '2026-03-02T09:30:00.000Z',
  expiresAt: '2026-03-09T09:30:00.000Z',
  state: 'open' as const,
  decidedBy: null,
  decidedAt: null,
};

export const stop = z.object({
  scope: z.string(),
  epoch: z.number().int(),
  actor: z.string(),
  reason: z.string(),
  since: time,
  agents: z.number().int(),
  openActions: z.number().int(),
  begun: z
    .array(
      z.object({
        action: z.string(),
        step: z.string(),
        kind: z.enum(['do', 'undo']),
        state: z.enum(['begun', 'unknown']),
      }),
    )
    .describe('What had begun and has not ended; a hundred at most.'),
});

/** Beside whatever is stopped or lifted. */
export const unheard = z
  .array(z.object({ process: z.string(), kind: z.enum(['gateway', 'worker']), heardAt: time }))
  .describe(
    'Processes that have not confirmed every stop and lift up to now. No effect begins through them either: that is decided in the database.',
  );

export const exampleUnheard = [
  { process: 'worker@host-2:412/0193d5a2', kind: 'worker' as const, heardAt: '2026-03-02T09:29:58.000Z' },
];

export const exampleStop = {
  scope: 'team:finance',
  epoch: 3,
  actor: 'robin',
  reason: 'Payments to an unknown vendor.',
  since: '2026-03-02T09:30:00.000Z',
  agents: 12,
  openActions: 2,
  begun: [],
};
