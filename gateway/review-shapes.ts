import { z } from '@hono/zod-openapi';
import { AGENT_STATES } from '../domain/agent-life';
import { exampleAgent } from './agent-shapes';
import { jsonObject, time } from './shapes';

/** Shapes of the routes about what is due of agents. */

export const review = z.object({
  agent: z.string(),
  state: z.enum(AGENT_STATES),
  stage: z
    .enum(['confirmed', 'due', 'restricted', 'lapsed'])
    .describe('Of the review of its rights. `confirmed`: it is listed for asking for nothing alone.'),
  dueAt: time.nullable().describe('When the next thing is taken away, if nobody answers.'),
  warnings: z.number().int().describe('How often its owner was warned that it asks for nothing.'),
  warnedAt: time.nullable(),
  reclaimedAt: time.nullable(),
  confirmedBy: z.string().nullable().describe('Null: nobody has reviewed it since it was let in.'),
  confirmedAt: time,
  rights: jsonObject.describe('All that is confirmed.'),
  digest: z.string().describe('Whoever answers says by it that they saw exactly this.'),
});

const { id, generation, owner, creator, team, environment, purpose, riskTier, roles, dataScopes } = exampleAgent;

export const exampleReview = {
  agent: id,
  state: exampleAgent.state,
  stage: 'due' as const,
  dueAt: '2027-03-02T09:30:00.000Z',
  warnings: 0,
  warnedAt: null,
  reclaimedAt: null,
  confirmedBy: null,
  confirmedAt: '2026-03-02T09:30:00.000Z',
  rights: { agent: id, generation, owner, creator, team, environment, purpose, riskTier, roles, dataScopes },
  digest: `sha256:${'7c'.repeat(32)}`,
};
