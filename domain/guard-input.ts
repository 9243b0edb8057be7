import { type DecisionInput } from './decision';
import { type ActionType } from './documents';
import { type JsonObject } from './json';

/** Who an agent is to policy, as the gateway told its process. A type and not an interface, so that it is plain JSON to the compiler too. */
export type AgentIdentity = {
  readonly tenant: string;
  readonly environment: string;
  readonly id: string;
  readonly generation: number;
  readonly version: string;
  readonly owner: string;
  readonly team: string;
  readonly roles: readonly string[];
};

/**
 * What policy is asked about a cooperative action: the same in the agent's process and in the gateway, which asks again. Only active agents are
 * told who they are.
 */
export function guardInput(
  { tenant, environment, ...agent }: AgentIdentity,
  { id: type, version, risk, effect, lane }: ActionType,
  params: JsonObject,
  time: string,
): DecisionInput {
  return {
    tenant,
    environment,
    time,
    agent: { ...agent, state: 'active' },
    action: { type, version, risk, effect, lane, params },
    facts: {},
    claimed: {},
  };
}
