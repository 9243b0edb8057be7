import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from './refusal';
import { type Call, type Plan, type Route } from './route';
import { type DemoService, type ServiceOptions, startStrictService } from './strict-service';

const money = { amountMinor: z.int().positive().max(100_000_000), currency: z.enum(['EUR', 'USD']) };

const paymentSchema = z.strictObject({
  invoiceId: z.string().regex(/^[A-Z0-9-]{1,32}$/),
  vendorId: z.string().max(32),
  iban: z.string().regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$/),
  ...money,
});

const refundSchema = z.strictObject(money);

interface Payment extends z.infer<typeof paymentSchema> {
  readonly [member: string]: string | number;
  readonly id: string;
  readonly state: 'paid';
}

/** Money that left the house, and came back. It pays whatever a valid token asks for: to pay an invoice twice is possible here, and would be seen. */
class Account {
  readonly #payments = new Map<string, Payment>();
  readonly #byKey = new Map<string, Payment>();
  readonly #refunds = new Map<string, Record<string, string | number>>();

  createPayment({ body, key }: Call): Plan {
    const parsed = paymentSchema.safeParse(body);
    if (!parsed.success) throw new Refusal(422, 'payment_invalid', { cause: parsed.error });
    const payment: Payment = { id: `payment-${randomUUID()}`, ...parsed.data, state: 'paid' };
    const { id, invoiceId, amountMinor, currency } = payment;
    return {
      status: 201,
      body: payment,
      apply: () => {
        this.#payments.set(id, payment);
        this.#byKey.set(key, payment);
      },
      witness: { subject: id, invoiceId, amountMinor, currency },
    };
  }

  paymentByKey({ query }: Call): Plan {
    const payment = this.#byKey.get(query.get('key') ?? '');
    if (payment === undefined) throw new Refusal(404, 'no_such_payment');
    return { status: 200, body: payment };
  }

  /** A payment is refunded once and whole; whoever asks again is shown the same refund. */
  refund({ args, body }: Call): Plan {
    const payment = this.#payments.get(args['paymentId'] ?? '');
    if (payment === undefined) throw new Refusal(404, 'no_such_payment');
    const parsed = refundSchema.safeParse(body);
    const { id: paymentId, invoiceId, amountMinor, currency } = payment;
    if (!parsed.success || parsed.data.amountMinor !== amountMinor || parsed.data.currency !== currency)
      throw new Refusal(422, 'refund_invalid');
    const known = this.#refunds.get(paymentId);
    if (known !== undefined) return { status: 200, body: known, witness: { subject: paymentId, invoiceId } };
    const refund = { id: `refund-${randomUUID()}`, paymentId, amountMinor, currency, state: 'refunded' };
    return {
      status: 200,
      body: refund,
      apply: () => this.#refunds.set(paymentId, refund),
      witness: { subject: paymentId, invoiceId, amountMinor: -amountMinor, currency },
    };
  }
}

/** The service that moves the money, and the demo's witness. */
export function startPayments(at: Pick<ServiceOptions, 'bookPath' | 'port'>): Promise<DemoService> {
  const account = new Account();
  const routes: readonly Route[] = [
    {
      operation: 'createPayment',
      method: 'POST',
      path: /^\/payments$/,
      sort: 'effect',
      plan: (call) => account.createPayment(call),
    },
    {
      operation: 'paymentByKey',
      method: 'GET',
      path: /^\/payments$/,
      sort: 'read',
      plan: (call) => account.paymentByKey(call),
    },
    {
      operation: 'refund',
      method: 'POST',
      path: /^\/payments\/(?<paymentId>[^/]+)\/refund$/,
      sort: 'effect',
      plan: (call) => account.refund(call),
    },
  ];
  return startStrictService({ name: 'payments', routes, ...at });
}
