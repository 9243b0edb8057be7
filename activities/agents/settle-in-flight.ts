import { type DecidingDeps } from '../deps';
import { type AgentRef } from './agent-ref';

/** What an offboarding waits for. Empty: nothing is left, or a person answers for what is. */
export interface InFlight {
  readonly left: number;
  /** Some of it, in words for operators. */
  readonly waitingOn: readonly string[];
}

const SHOWN = 5;

/** Asks every open action of the agent to end before anything happens, and its children to go; what has begun goes on to its end. Says what is left. */
export function createSettleInFlight({ db }: Pick<DecidingDeps, 'db'>) {
  return async function settleInFlight({ tenant, agent, generation }: AgentRef): Promise<InFlight> {
    await offboardChildren({ tenant, agent, generation });
    return await db.withTenant(tenant, async (client) => {
      await db.cancelForOffboarding(client, tenant, agent, generation);
      const left = await db.leftOfAgent(client, tenant, agent, generation);
      const open = left.filter(({ kind }) => kind === 'action' || kind === 'budget' || kind === 'agent');
      return {
        left: open.length,
        waitingOn: open.slice(0, SHOWN).map(({ subject, state }) => `${subject} (${state})`),
      };
    });
  };

  /** In a transaction of its own: it takes the ledger, and whoever settles an action has its row and wants the ledger. */
  async function offboardChildren({ tenant, agent, generation }: AgentRef): Promise<void> {
    await db.withTenant(tenant, async (client) => await db.offboardChildren(client, tenant, agent, generation));
  }
}
