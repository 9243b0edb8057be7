import { type AgentState } from '../../domain/agent-life';
import { type DecidingDeps } from '../deps';
import { type AgentRef } from './agent-ref';

/** Where an agent's generation is in its life. `gone`: there is no such generation any more, or there never was. */
export type Life =
  | { readonly kind: 'gone' }
  | { readonly kind: 'lives'; readonly state: AgentState; readonly owner: string; readonly wakeInMs?: number };

/** Reads the agent as it is now. One that nobody let in within its time is over with this. */
export function createReadLife({ db }: Pick<DecidingDeps, 'db'>) {
  return async function readLife({ tenant, agent, generation }: AgentRef): Promise<Life> {
    return await db.withTenant(tenant, async (client) => {
      const found = await db.findLife(client, tenant, agent, generation);
      if (found === undefined) return { kind: 'gone' };
      const { state, owner, lapsesInMs } = found;
      if (state !== 'onboarding') return { kind: 'lives', state, owner };
      if (lapsesInMs > 0) return { kind: 'lives', state, owner, wakeInMs: lapsesInMs };
      return {
        kind: 'lives',
        state: (await db.lapseOnboarding(client, tenant, agent, generation)) ? 'offboarded' : state,
        owner,
      };
    });
  };
}
