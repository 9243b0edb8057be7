import { type AgentCaller } from './caller';
import { RequestRefused } from './request-refused';

/**
 * Requests of agents that write wait for each other in the database: those of one agent at a lock of its own, those of a tenant at its ledger. Waiting
 * there takes a connection, and votes, stops and other tenants need one, too. So most of them wait here, where it costs nobody anything.
 */
export interface AgentTurns {
  /** @throws RequestRefused where too many of the same agent wait already */
  take<T>(caller: Pick<AgentCaller, 'tenant' | 'id'>, work: () => Promise<T>): Promise<T>;
}

/** One works, and the next is at the lock when that is done. */
const OF_AN_AGENT = 2;
/** Half of the connections of a process. */
const OF_A_TENANT = 10;
/** Seconds of work, and a few megabytes; twice as many as may be open. */
const MAX_WAITING = 200;

export function createAgentTurns(): AgentTurns {
  const agents = new Slots(OF_AN_AGENT);
  const tenants = new Slots(OF_A_TENANT);
  return {
    take: async ({ tenant, id }, work) => {
      const agent = `${tenant}/${id}`;
      if (agents.waiting(agent) >= MAX_WAITING) throw new RequestRefused('agent_busy');
      return await agents.take(agent, async () => await tenants.take(tenant, work));
    },
  };
}

/** So many at once of each key; the others in the order in which they came. */
class Slots {
  readonly #lines = new Map<string, { taken: number; readonly next: (() => void)[] }>();

  constructor(private readonly most: number) {}

  waiting(key: string): number {
    return this.#lines.get(key)?.next.length ?? 0;
  }

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(key) ?? { taken: 0, next: [] };
    this.#lines.set(key, line);
    if (line.taken < this.most) line.taken += 1;
    else await new Promise<void>((resolve) => line.next.push(resolve));
    try {
      return await work();
    } finally {
      const next = line.next.shift();
      if (next !== undefined) next();
      else {
        line.taken -= 1;
        if (line.taken === 0) this.#lines.delete(key);
      }
    }
  }
}
