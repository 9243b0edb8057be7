import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from './refusal';
import { type Call, type Plan, type Route } from './route';
import { type DemoService, type ServiceOptions, startStrictService } from './strict-service';
import { VENDORS } from './vendors';

const bookingSchema = z.strictObject({
  invoiceId: z.string().regex(/^[A-Z0-9-]{1,32}$/),
  vendorId: z.string().max(32),
  amountMinor: z.int().positive().max(100_000_000),
  currency: z.enum(['EUR', 'USD']),
});

interface Booking extends z.infer<typeof bookingSchema> {
  readonly [member: string]: string | number;
  readonly id: string;
}

/** The books of the company: vendors, and which invoices are booked. An invoice is booked at most once. */
class Books {
  readonly #vendors = new Map(VENDORS.map((vendor) => [vendor.id, { ...vendor }]));
  readonly #bookings = new Map<string, Booking>();
  readonly #byKey = new Map<string, string>();
  readonly #deleted = new Map<string, Booking>();

  vendorById({ args }: Call): Plan {
    const vendor = this.#vendors.get(args['id'] ?? '');
    if (vendor === undefined) throw new Refusal(404, 'no_such_vendor');
    return { status: 200, body: vendor };
  }

  /** What a clerk does when a vendor moves its account, or a fraudster when nobody looks. */
  changeIban(vendorId: string, iban: string): void {
    const vendor = this.#vendors.get(vendorId);
    if (vendor === undefined) throw new Error(`there is no vendor ${vendorId}`);
    this.#vendors.set(vendorId, { ...vendor, iban });
  }

  paymentForInvoice({ args }: Call): Plan {
    const invoiceId = args['invoiceId'] ?? '';
    return { status: 200, body: { invoiceId, paid: this.#ofInvoice(invoiceId) !== undefined } };
  }

  insertBooking({ body, key }: Call): Plan {
    const parsed = bookingSchema.safeParse(body);
    if (!parsed.success) throw new Refusal(422, 'booking_invalid', { cause: parsed.error });
    if (!this.#vendors.has(parsed.data.vendorId)) throw new Refusal(422, 'no_such_vendor');
    if (this.#ofInvoice(parsed.data.invoiceId) !== undefined) throw new Refusal(409, 'invoice_is_booked');
    const booking: Booking = { id: `booking-${randomUUID()}`, ...parsed.data };
    return {
      status: 201,
      body: booking,
      apply: () => {
        this.#bookings.set(booking.id, booking);
        this.#byKey.set(key, booking.id);
      },
      witness: { subject: booking.id, invoiceId: booking.invoiceId },
    };
  }

  bookingByKey({ query }: Call): Plan {
    const id = this.#byKey.get(query.get('key') ?? '') ?? '';
    const booking = this.#bookings.get(id) ?? this.#deleted.get(id);
    if (booking === undefined) throw new Refusal(404, 'no_such_booking');
    return { status: 200, body: booking };
  }

  deleteBooking({ args }: Call): Plan {
    const id = args['id'] ?? '';
    const booking = this.#bookings.get(id) ?? this.#deleted.get(id);
    if (booking === undefined) throw new Refusal(404, 'no_such_booking');
    const apply = (): void => {
      this.#bookings.delete(id);
      this.#deleted.set(id, booking);
    };
    return { status: 200, body: { id, deleted: true }, apply, witness: { subject: id, invoiceId: booking.invoiceId } };
  }

  #ofInvoice(invoiceId: string): Booking | undefined {
    return [...this.#bookings.values()].find((booking) => booking.invoiceId === invoiceId);
  }
}

export interface ErpService extends DemoService {
  /** Changes the bank details of a vendor, as happens while somebody decides. */
  changeIban(vendorId: string, iban: string): void;
}

/** The system of record: knows vendors and invoices. */
export async function startErp(at: Pick<ServiceOptions, 'bookPath' | 'port'>): Promise<ErpService> {
  const books = new Books();
  const routes: readonly Route[] = [
    {
      operation: 'vendorById',
      method: 'GET',
      path: /^\/vendors\/(?<id>[^/]+)$/,
      sort: 'read',
      plan: (call) => books.vendorById(call),
    },
    {
      operation: 'paymentForInvoice',
      method: 'GET',
      path: /^\/invoices\/(?<invoiceId>[^/]+)\/payment$/,
      sort: 'read',
      plan: (call) => books.paymentForInvoice(call),
    },
    {
      operation: 'insertBooking',
      method: 'POST',
      path: /^\/bookings$/,
      sort: 'effect',
      plan: (call) => books.insertBooking(call),
    },
    {
      operation: 'bookingByKey',
      method: 'GET',
      path: /^\/bookings$/,
      sort: 'read',
      plan: (call) => books.bookingByKey(call),
    },
    {
      operation: 'deleteBooking',
      method: 'DELETE',
      path: /^\/bookings\/(?<id>[^/]+)$/,
      sort: 'effect',
      plan: (call) => books.deleteBooking(call),
    },
  ];
  const service = await startStrictService({ name: 'erp', routes, ...at });
  return { ...service, changeIban: (vendorId, iban) => books.changeIban(vendorId, iban) };
}
