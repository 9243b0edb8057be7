import { gatewayCalls } from '../load/gateway-calls';
import { type BenchStack } from '../with-bench-stack';

export interface Stopped {
  /** When the command was sent, and when its answer was there: by then the fence is closed. In ms since 1970. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

export interface Operators {
  kill(scope: string): Promise<Stopped>;
  /** By two people. */
  lift(scope: string): Promise<void>;
}

interface Proposal {
  readonly id: string;
  readonly digest: string;
}

/** Bob stops and proposes to go on; alice confirms it. */
export function createOperators({ stack }: BenchStack): Operators {
  const call = gatewayCalls(stack.adminUrl);
  const { bob, alice } = stack.people;
  const ask = async <T>(method: string, path: string, token: string, body?: object): Promise<T> => {
    const answer = await call<T>(method, path, token, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${String(answer.status)}.`);
    return answer.body;
  };
  return {
    async kill(scope) {
      const sentAt = Date.now();
      await ask('POST', '/v1/admin/stops', bob.token, { scope, reason: 'A drill.' });
      return { sentAt, answeredAt: Date.now() };
    },
    async lift(scope) {
      const { proposal } = await ask<{ proposal: string }>('POST', '/v1/admin/stops/lift', bob.token, {
        scope,
        reason: 'The drill is over.',
      });
      const { proposals } = await ask<{ proposals: Proposal[] }>('GET', '/v1/admin/proposals', alice.token);
      const digest = proposals.find(({ id }) => id === proposal)?.digest;
      const decision = { choice: 'confirm', digest, reason: 'The drill is over.' };
      await ask('POST', `/v1/admin/proposals/${proposal}/decision`, alice.token, decision);
    },
  };
}
