import { type DecidingDeps } from '../deps';
import { type AgentRef } from './agent-ref';

/** What an offboarding waits for. Empty: nothing is left, or a person answers for what is. */
export interface InFlight {
  readonly left: number;
  /** Some of it, in words for operators. */
  readonly waitingOn: readonly string[];
}

const SHOWN = 5;

/** Asks every open action of the agent to end before anything happens; what has begun goes on to its end. Says what is left. */
export function createSettleInFlight({ db }: Pick<DecidingDeps, 'db'>) {
  return async function settleInFlight({ tenant, agent, generation }: AgentRef): Promise<InFlight> {
    return await db.withTenant(tenant, async (client) => {
      await db.cancelForOffboarding(client, tenant, agent, generation);
      const left = await db.leftOfAgent(client, tenant, agent, generation);
      const actions = left.filter(({ kind }) => kind === 'action' || kind === 'budget');
      return {
        left: actions.length,
        waitingOn: actions.slice(0, SHOWN).map(({ subject, state }) => `${subject} (${state})`),
      };
    });
  };
}
