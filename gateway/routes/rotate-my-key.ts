import { z } from '@hono/zod-openapi';
import { rotateAgentCredential } from '../../db/agent-credentials';
import { credentialShape, EXAMPLE_CREDENTIAL, EXAMPLE_NEW_KEY, newKey, provenKey } from '../registered-key';
import { RequestRefused } from '../request-refused';
import { defineRoute } from '../route';

export const rotateMyKey = defineRoute({
  method: 'post',
  path: '/v1/agents/me/keys',
  tag: 'agents',
  summary: 'Register the next key',
  description:
    'For an agent with a token. The key that the token was given for goes on for an hour at most, and has one successor; sent again with the same next key it is answered the same.',
  who: 'agent',
  body: { schema: z.strictObject(newKey), example: EXAMPLE_NEW_KEY },
  answers: { 200: { description: 'The next credential.', schema: credentialShape, example: EXAMPLE_CREDENTIAL } },
  refusals: ['key_taken', 'key_replaced', 'agent_not_active', 'agent_busy', 'ledger_unavailable'],
  handle: async ({ deps, caller, body }) => {
    const { tenant, id: agent, kid } = caller;
    // A static key is nobody's pair: there is nothing to follow.
    if (kid === undefined) throw new RequestRefused('forbidden');
    const key = provenKey(body, 'rotate', kid);
    if (key === undefined) throw new RequestRefused('unauthenticated');
    const result = await deps.agentTurns.take(caller, () =>
      rotateAgentCredential(deps.pool, { tenant, agent, kid }, key),
    );
    if ('refused' in result) throw new RequestRefused(result.refused);
    const { rotate: _rotate, ...credential } = result.done;
    return { status: 200, body: { ...credential, audience: deps.agentTokens.audience } };
  },
});
