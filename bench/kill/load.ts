import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call } from '../load/gateway-calls';
import { type Asking } from './fleet';

export interface Load {
  /** When each agent was refused as stopped: by the gateway, or by its outcome. In ms since 1970. */
  readonly refusals: readonly { readonly agent: string; readonly at: number }[];
  /** When an action of each was executed. */
  readonly executed: readonly { readonly agent: string; readonly at: number }[];
  stop(): Promise<void>;
}

/** At any moment so many ask, whichever agents there are. */
const CALLERS = 8;
/** Whoever is refused asks again; not so fast that the refusals are the load. */
const REFUSED_MS = 20;

interface View {
  readonly code?: string;
  readonly outcome?: { readonly kind: string; readonly reasons?: readonly { readonly code: string }[] };
}

/** Agents that ask for one allowed payment after the other, until they are stopped by `stop`. */
export function startLoad(call: Call, agents: readonly Asking[]): Load {
  const refusals: { agent: string; at: number }[] = [];
  const executed: { agent: string; at: number }[] = [];
  let going = true;
  const caller = async ({ agent, key }: Asking): Promise<void> => {
    while (going) {
      const invoiceId = `INV-${randomUUID().slice(0, 8).toUpperCase()}`;
      const params = {
        ...{ vendorId: 'globex', iban: 'DE02120300000000202051', currency: 'EUR' },
        invoiceId,
        amountMinor: 1,
      };
      const { body } = await call<View>('POST', '/v1/actions', key, { type: 'bench.pay', params });
      const refused =
        body.code === 'scope_fenced' || body.outcome?.reasons?.some(({ code }) => code === 'scope_fenced') === true;
      if (refused) {
        refusals.push({ agent, at: Date.now() });
        await sleep(REFUSED_MS);
      } else if (body.outcome?.kind === 'executed') executed.push({ agent, at: Date.now() });
    }
  };
  const callers = Promise.allSettled(
    Array.from({ length: CALLERS }, (_, i) => agents[i % agents.length]).map(async (one) => one && (await caller(one))),
  );
  return {
    refusals,
    executed,
    stop: async () => {
      going = false;
      for (const ended of await callers) if (ended.status === 'rejected') throw ended.reason;
    },
  };
}
