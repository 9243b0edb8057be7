import { hash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { enrolAgent as enrol } from '../../db/agent-credentials';
import { credentialShape, EXAMPLE_CREDENTIAL, EXAMPLE_NEW_KEY, newKey, provenKey } from '../registered-key';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const enrolAgent = defineRoute({
  method: 'post',
  path: '/v1/agents/enrol',
  tag: 'agents',
  summary: 'Register the first key of an agent',
  description:
    'For an agent that was given the secret of `countersign agents credential issue`. The secret works once, for 15 minutes; sent again with the same key it is answered the same.',
  who: 'public',
  body: {
    schema: z.strictObject({ secret: z.string().regex(/^[\x21-\x7e]{16,200}$/), ...newKey }),
    example: { secret: 'countersign_enrol_0123456789', ...EXAMPLE_NEW_KEY },
  },
  answers: { 200: { description: 'The credential.', schema: credentialShape, example: EXAMPLE_CREDENTIAL } },
  refusals: [
    'unauthenticated',
    'enrolment_closed',
    'key_taken',
    'agent_not_active',
    'ledger_unavailable',
    'database_unavailable',
  ],
  handle: async ({ deps, body }) => {
    const secretHash = hash('sha256', body.secret, 'buffer');
    const key = provenKey(body, 'enrol', secretHash.toString('hex'));
    const result = key === undefined ? undefined : await enrol(deps.pool, secretHash, key);
    if (result === undefined || ('refused' in result && result.refused === 'not_found')) {
      deps.strangers.add('unknown_enrolment_secret', 'enrol');
      throw new RequestRefused('unauthenticated');
    }
    if ('refused' in result) throw new RequestRefused(result.refused);
    const { rotate: _rotate, ...credential } = result.done;
    return { status: 200, body: { ...credential, audience: deps.agentTokens.audience } };
  },
});
