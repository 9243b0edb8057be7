import { hash } from 'node:crypto';
import { authenticateAgent } from '../db/authenticate-agent';
import { authenticateToken } from '../db/authenticate-token';
import { authenticatePerson, type RoleIn } from '../db/authenticate-person';
import { type GatewayDeps } from './deps';
import { isCompactJws } from './is-compact-jws';

/** Who sends a request, as its key says; never as its body says. */
export interface AgentCaller {
  readonly kind: 'agent';
  readonly tenant: string;
  readonly id: string;
  /** The key that its token was given for; absent where it came with a static key. */
  readonly kid?: string;
}

export interface PersonCaller {
  readonly kind: 'person';
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  /** Those that hold in every environment. */
  readonly roles: readonly string[];
  readonly rolesIn: readonly RoleIn[];
}

export type Caller = AgentCaller | PersonCaller;

/** Keys have some fifty characters, tokens some six hundred; reading more would be work done for strangers. */
const BEARER = /^Bearer ([\x21-\x7e]{16,2048})$/i;

/**
 * Finds who holds the key of an `Authorization` header. An agent's key is no person's token and the other way round: an agent can never vote,
 * and a person's login can never act.
 */
export async function callerOf(
  { pool, agentTokens }: Pick<GatewayDeps, 'pool' | 'agentTokens'>,
  authorization: string | undefined,
  kinds: readonly Caller['kind'][],
): Promise<Caller | undefined> {
  const secret = BEARER.exec(authorization ?? '')?.[1];
  if (secret === undefined) return undefined;
  if (kinds.includes('agent') && isCompactJws(secret)) {
    const holder = await agentTokens.verify(secret);
    if (holder === undefined || !(await authenticateToken(pool, holder))) return undefined;
    return { kind: 'agent', tenant: holder.tenant, id: holder.agent, kid: holder.kid };
  }
  const keyHash = hash('sha256', secret, 'buffer');
  const agent = kinds.includes('agent') ? await authenticateAgent(pool, keyHash) : undefined;
  if (agent !== undefined) return { kind: 'agent', tenant: agent.tenant, id: agent.agent };
  const person = kinds.includes('person') ? await authenticatePerson(pool, keyHash) : undefined;
  if (person === undefined) return undefined;
  const { tenant, person: id, name, roles, rolesIn } = person;
  return { kind: 'person', tenant, id, name, roles, rolesIn };
}
