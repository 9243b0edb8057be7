import { randomBytes } from 'node:crypto';
import { waitUntil } from '../../stack/wait-until';
import { type Spine } from './spine';

export interface Asked {
  readonly id: string;
  readonly status: number;
  readonly outcome: {
    readonly kind: string;
    readonly say: string;
    readonly reasons?: readonly { readonly code: string }[];
    readonly result?: unknown;
    readonly waitingOn?: readonly string[];
  };
}

export interface Invoice {
  readonly invoiceId: string;
  readonly vendorId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly [member: string]: string | number;
}

/** An invoice of nobody else's, small enough to be paid by policy alone. */
export function invoice(changes: Partial<Invoice> = {}): Invoice {
  return {
    invoiceId: `INV-${randomBytes(6).toString('hex').toUpperCase()}`,
    vendorId: 'globex',
    amountMinor: 12_300,
    currency: 'EUR',
    ...changes,
  };
}

/** Above the limit of what policy pays alone. */
export function largeInvoice(changes: Partial<Invoice> = {}): Invoice {
  return invoice({ amountMinor: 250_000, ...changes });
}

/** Asks for a payment over HTTP, as an agent does, and waits for an answer for a while. */
export async function pay(
  spine: Pick<Spine, 'gatewayUrl' | 'agentKey'>,
  params: Invoice,
  { key = params.invoiceId, waitMs = 20_000, because }: { key?: string; waitMs?: number; because?: string } = {},
): Promise<Asked> {
  const response = await fetch(`${spine.gatewayUrl}/v1/actions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spine.agentKey}`, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({
      type: 'payments.pay_invoice',
      params,
      waitMs,
      ...(because === undefined ? {} : { because }),
    }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Asked, 'status'>) };
}

/** Asks again under the same key until the request is taken, as a client of ours does. */
export async function insist(
  spine: Pick<Spine, 'gatewayUrl' | 'agentKey'>,
  params: Invoice,
  { withinMs = 60_000 }: { withinMs?: number } = {},
): Promise<Asked> {
  let last: Asked | undefined;
  const ask = async (): Promise<boolean> => {
    last = await pay(spine, params, { waitMs: 100 });
    return last.status === 200 || last.status === 202;
  };
  await waitUntil(ask, { what: `The request for ${params.invoiceId} was not taken`, withinMs });
  if (last === undefined) throw new Error('unreachable');
  return last;
}

/** What the bank's own book says of an action. */
export function paymentsOf(spine: Pick<Spine, 'services'>, actionId: string): number {
  return spine.services.payments.book
    .records()
    .filter(
      ({ kind, operation, actionId: of }) => kind === 'effect' && operation === 'createPayment' && of === actionId,
    ).length;
}

/** The outcome once the action has ended. */
export async function ended(spine: Pick<Spine, 'auditor'>, id: string, withinMs = 40_000): Promise<Asked['outcome']> {
  let outcome: Asked['outcome'] | undefined;
  const look = async (): Promise<boolean> => {
    const { rows } = await spine.auditor.query<{ outcome: Asked['outcome'] | null }>(
      'select outcome from actions where action = $1',
      [id],
    );
    outcome = rows[0]?.outcome ?? undefined;
    return outcome !== undefined;
  };
  await waitUntil(look, { what: `Action ${id} did not end`, withinMs });
  if (outcome === undefined) throw new Error('unreachable');
  return outcome;
}

/** Votes over HTTP, as a logged-in person does, on exactly what that person was shown. */
export async function vote(
  spine: Pick<Spine, 'gatewayUrl' | 'people' | 'auditor'>,
  person: keyof Spine['people'],
  actionId: string,
  choice: 'approve' | 'deny',
  { reason = 'checked', digest }: { reason?: string; digest?: string } = {},
): Promise<{ readonly status: number; readonly body: { readonly code?: string } }> {
  const request = await requestOf(spine, actionId);
  const response = await fetch(`${spine.gatewayUrl}/v1/approvals/${request.request}/votes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spine.people[person].token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ choice, digest: digest ?? request.digest, reason }),
  });
  return { status: response.status, body: (await response.json()) as { code?: string } };
}

/** The open (or last) approval request of an action, once there is one. */
export async function requestOf(
  spine: Pick<Spine, 'auditor'>,
  actionId: string,
): Promise<{ readonly request: string; readonly digest: string; readonly state: string }> {
  let found: { request: string; digest: string; state: string } | undefined;
  const look = async (): Promise<boolean> => {
    const { rows } = await spine.auditor.query<{ request: string; digest: string; state: string }>(
      'select request, digest, state from approval_requests where action = $1 order by round desc limit 1',
      [actionId],
    );
    found = rows[0];
    return found !== undefined;
  };
  await waitUntil(look, { what: `Action ${actionId} asked nobody`, withinMs: 20_000 });
  if (found === undefined) throw new Error('unreachable');
  return found;
}
