import { type DecidingDeps } from '../deps';
import { type AgentRef } from './agent-ref';

/** Ends what the agent could still get access by. Before its credentials are: what mints comes first, or it makes new ones. */
export function createCutOff({ db }: Pick<DecidingDeps, 'db'>) {
  return async function cutOff({ tenant, agent, generation }: AgentRef): Promise<{ readonly keys: number }> {
    return {
      keys: await db.withTenant(tenant, (client) => db.cutOffAgent(client, tenant, agent, generation)),
    };
  };
}
