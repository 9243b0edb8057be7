import { z } from '@hono/zod-openapi';
import { redeemAssertion } from '../../db/agent-credentials';
import { findAgentCredential } from '../../db/find-agent-credential';
import { checkAssertion } from '../check-assertion';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const postToken = defineRoute({
  method: 'post',
  path: '/v1/token',
  tag: 'agents',
  summary: 'Exchange a signed assertion for a token',
  description:
    'The assertion is a JWT that the agent signs with its key: header `alg` EdDSA, `typ` countersign-assertion+jwt and `kid`, nothing else; claims `iss` and `sub` (the agent), `tenant`, `aud` (the `audience` of the enrolment), `iat`, `exp` (a minute later at most), `jti` (good once), and `config_digest`, the digest of the version that runs. The token is good for ten minutes, and never longer than its credential.',
  who: 'public',
  body: {
    schema: z.strictObject({ assertion: z.string().min(1).max(2_500) }),
    example: { assertion: 'eyJhbGciOiJFZERTQSJ9.e30.c2ln' },
  },
  answers: {
    200: {
      description: 'A token, for the header Authorization (Bearer).',
      schema: z.object({
        token: z.string(),
        expiresAt: z.string(),
        rotate: z.boolean().describe('Somebody wants the agent to register another key now.'),
        registeredAt: z.string().describe('Of the key that the assertion was signed by; likewise its end.'),
        notAfter: z.string(),
      }),
      example: {
        token: 'eyJhbGciOiJFZERTQSJ9.e30.c2ln',
        expiresAt: '2026-08-21T09:10:00.000Z',
        rotate: false,
        registeredAt: '2026-08-21T09:00:00.000Z',
        notAfter: '2026-08-22T09:00:00.000Z',
      },
    },
  },
  refusals: ['unauthenticated', 'agent_not_active', 'config_drift', 'database_unavailable'],
  handle: async ({ deps, body: { assertion } }) => {
    const { pool, agentTokens, strangers } = deps;
    const checked = await checkAssertion(assertion, {
      audience: agentTokens.audience,
      now: Date.now(),
      find: async (kid) => await findAgentCredential(pool, kid),
    });
    const result = checked === undefined ? undefined : await redeemAssertion(pool, checked);
    if (result === undefined || ('refused' in result && result.refused === 'unauthenticated')) {
      strangers.add('bad_assertion', 'token');
      throw new RequestRefused('unauthenticated');
    }
    if ('refused' in result) throw new RequestRefused(result.refused);
    const { token, expiresAt } = await agentTokens.issue(result.done);
    const { rotate, registeredAt, notAfter } = result.done;
    return { status: 200, body: { token, expiresAt: expiresAt.toISOString(), rotate, registeredAt, notAfter } };
  },
});
