import { randomUUID } from 'node:crypto';
import { WAKE_SIGNAL } from '../../workflows/contract/names';
import { startShape } from '../start-shape';
import { type BenchStack } from '../with-bench-stack';
import { createApprover } from './approver';
import { gatewayCalls } from './gateway-calls';

interface ActionView {
  readonly id: string;
  readonly outcome: { readonly kind: string };
}

/** What is measured: each, done once, from asking to its end. Those of Countersign resolve to the action's id. */
export interface Actions {
  readonly denied: () => Promise<string>;
  readonly allowed: () => Promise<string>;
  /** Also with a person, who answers at once. */
  readonly approved: () => Promise<string>;
  readonly bare: () => Promise<void>;
  /** The round trips of the naive form alone, with nothing done in them. */
  readonly skeleton: () => Promise<void>;
  /** An allowed one that may be refused for there being too many; resolves to how it ended, or to the status of its refusal. */
  readonly attempt: (invoice?: string) => Promise<string>;
  /** How many of Countersign's were asked for until now. */
  readonly asked: () => number;
  readonly close: () => Promise<void>;
}

/** The bench's policy lets the first run by itself, asks one person about the second, and denies the third. */
const AMOUNTS = { allowed: 500, approved: 50_000, denied: 500_000 } as const;
/** Two minutes: sixty-four of the naive form at once keep one waiting for longer than the gateway holds a request. */
const MAX_WAITS = 5;
const INVOICE = { vendorId: 'globex', iban: 'DE02120300000000202051', currency: 'EUR' };

export function createActions(bench: BenchStack): Actions {
  const { stack, client } = bench;
  const call = gatewayCalls(stack.gatewayUrl);
  const approver = createApprover(bench, call);
  let asked = 0;
  const ask = (shape: keyof typeof AMOUNTS, invoice = 'INV-') => {
    const invoiceId = `${invoice}${randomUUID().slice(0, 8).toUpperCase()}`;
    asked += 1;
    const params = { ...INVOICE, invoiceId, amountMinor: AMOUNTS[shape] };
    return call<ActionView>('POST', '/v1/actions', stack.agentKey, { type: 'bench.pay', params });
  };
  const untilEnded = async (id: string): Promise<string> => {
    let kind = 'pending';
    for (let asked = 0; asked < MAX_WAITS && kind === 'pending'; asked += 1)
      kind = (await call<ActionView>('GET', `/v1/actions/${id}?wait=25s`, stack.agentKey)).body.outcome.kind;
    return kind;
  };
  const ended = async (shape: 'denied' | 'allowed', kind: string): Promise<string> => {
    const { status, body } = await ask(shape);
    expect(status === 202 ? await untilEnded(body.id) : body.outcome.kind, kind);
    return body.id;
  };
  return {
    denied: () => ended('denied', 'denied'),
    allowed: () => ended('allowed', 'executed'),
    async approved() {
      const { body } = await ask('approved');
      expect(body.outcome.kind, 'pending');
      await approver.approve(body.id);
      expect(await untilEnded(body.id), 'executed');
      return body.id;
    },
    async bare() {
      await (await startShape(client, 'bare')).result();
    },
    async skeleton() {
      const started = await startShape(client, 'skeleton');
      await started.signal(WAKE_SIGNAL);
      await started.result();
    },
    async attempt(invoice) {
      const { status, body } = await ask('allowed', invoice);
      if (status === 202) return await untilEnded(body.id);
      return status === 200 ? body.outcome.kind : String(status);
    },
    asked: () => asked,
    close: () => approver.close(),
  };
}

/** A number of another story than the one that was meant to be measured would be worse than none. */
function expect(actual: string, expected: string): void {
  if (actual !== expected) throw new Error(`Expected an action to be ${expected}; it is ${actual}.`);
}
