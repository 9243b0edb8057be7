import { randomUUID } from 'node:crypto';
import { type RunningStack } from '../stack/start-stack';
import { type TemporalClient } from '../temporal/connect';
import { actionWorkflowId } from '../workflows/contract/names';
import { type Cost, costOf } from './cost';

const TENANT = 'demo';
/** The bench's policy lets the first run by itself, asks one person about the second, and denies the third. */
const AMOUNTS = { allowed: 500, approved: 50_000, denied: 500_000 } as const;

type ActionShape = keyof typeof AMOUNTS;

interface ActionView {
  readonly id: string;
  readonly outcome: { readonly kind: string; readonly say: string };
}

interface Approval {
  readonly id: string;
  readonly action: string;
  readonly digest: string;
}

/** One action through the gateway, as an agent sends it; where policy asks, bob approves it. The cost of its workflow. */
export async function runAction(shape: ActionShape, stack: RunningStack, client: TemporalClient): Promise<Cost> {
  const { call, waitFor } = gatewayAt(stack.gatewayUrl);
  const { id, outcome } = await call<ActionView>('POST', '/v1/actions', stack.agentKey, {
    type: 'bench.pay',
    params: { ...INVOICE, invoiceId: `INV-${randomUUID().slice(0, 8).toUpperCase()}`, amountMinor: AMOUNTS[shape] },
    waitMs: shape === 'approved' ? 1_000 : 20_000,
  });
  if (shape === 'approved') await approve(id);
  else expect(outcome.kind, shape === 'allowed' ? 'executed' : 'denied', outcome.say);
  return costOf(client, actionWorkflowId(TENANT, id));

  async function approve(action: string): Promise<void> {
    expect(outcome.kind, 'pending', outcome.say);
    const bob = stack.people.bob.token;
    const { approvals } = await call<{ approvals: Approval[] }>('GET', '/v1/approvals', bob);
    const request = approvals.find((approval) => approval.action === action);
    if (request === undefined) throw new Error('Bob was not asked.');
    await call('POST', `/v1/approvals/${request.id}/votes`, bob, { choice: 'approve', digest: request.digest });
    await waitFor(action, stack.agentKey, 'executed');
  }
}

const INVOICE = { vendorId: 'globex', iban: 'DE02120300000000202051', currency: 'EUR' };

function gatewayAt(url: string) {
  async function call<T>(method: string, path: string, token: string, body?: object): Promise<T> {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    };
    const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${String(response.status)}: ${await response.text()}`);
    return (await response.json()) as T;
  }
  async function waitFor(action: string, token: string, kind: string): Promise<void> {
    const { outcome } = await call<ActionView>('GET', `/v1/actions/${action}?wait=20s`, token);
    expect(outcome.kind, kind, outcome.say);
  }
  return { call, waitFor };
}

/** A number of another story than the one that was meant to be measured would be worse than none. */
function expect(actual: string, expected: string, say: string): void {
  if (actual !== expected) throw new Error(`Expected an action to be ${expected}; it is ${actual}: ${say}`);
}
