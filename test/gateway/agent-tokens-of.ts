import { type AgentTokens, createAgentTokens } from '../../gateway/agent-tokens';

/** What assertions of agents are addressed to. */
export const AUDIENCE = 'https://gateway.test';

export function agentTokensOf(keys: { readonly privateKey: string; readonly publicKey: string }): AgentTokens {
  return createAgentTokens({
    privateKeyPem: keys.privateKey,
    publicKeys: { current: keys.publicKey, retired: [] },
    audience: AUDIENCE,
    clock: Date.now,
  });
}
