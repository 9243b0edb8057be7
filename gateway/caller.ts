import { hash } from 'node:crypto';
import { type Pool } from 'pg';
import { authenticateAgent } from '../db/authenticate-agent';
import { authenticatePerson, type RoleIn } from '../db/authenticate-person';

/** Who sends a request, as its key says; never as its body says. */
export interface AgentCaller {
  readonly kind: 'agent';
  readonly tenant: string;
  readonly id: string;
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

/** Ours have some fifty characters; hashing more would be work done for strangers. */
const BEARER = /^Bearer ([\x21-\x7e]{16,512})$/i;

/**
 * Finds who holds the key of an `Authorization` header. An agent's key is no person's token and the other way round: an agent can never vote,
 * and a person's login can never act.
 */
export async function callerOf(
  pool: Pool,
  authorization: string | undefined,
  kinds: readonly Caller['kind'][],
): Promise<Caller | undefined> {
  const secret = BEARER.exec(authorization ?? '')?.[1];
  if (secret === undefined) return undefined;
  const keyHash = hash('sha256', secret, 'buffer');
  const agent = kinds.includes('agent') ? await authenticateAgent(pool, keyHash) : undefined;
  if (agent !== undefined) return { kind: 'agent', tenant: agent.tenant, id: agent.agent };
  const person = kinds.includes('person') ? await authenticatePerson(pool, keyHash) : undefined;
  if (person === undefined) return undefined;
  const { tenant, person: id, name, roles, rolesIn } = person;
  return { kind: 'person', tenant, id, name, roles, rolesIn };
}
