import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config } from '../config/config';
import { publicKeysOf } from '../config/public-keys-of';
import { publicUrlOf } from '../config/public-url-of';
import { type AgentTokens, createAgentTokens } from './agent-tokens';

/** With the key of the directory of keys, and those before it; for the public address of the gateway. */
export function readAgentTokens(config: Pick<Config, 'keys' | 'publicUrl' | 'port'>): AgentTokens {
  return createAgentTokens({
    privateKeyPem: readFileSync(join(config.keys, 'agents.key.pem'), 'utf8'),
    publicKeys: publicKeysOf(config.keys, 'agents'),
    audience: publicUrlOf(config),
    clock: Date.now,
  });
}
