import { type Handled, type InvoiceEnding } from '../handled';
import { type Stage } from './stage';

interface Ordered {
  readonly happened: Promise<void>;
}

interface Mishap {
  readonly file: string;
  readonly expected: InvoiceEnding;
  readonly told: string;
  /** Orders it: what comes after this resolves meets it. */
  readonly order?: (stage: Stage) => Promise<Ordered>;
}

const MISHAPS: readonly Mishap[] = [
  {
    file: '15-bank-refuses.xml',
    expected: 'undone',
    told: 'Booked in the ERP, then the bank refused: the booking was taken back.',
    order: ({ services }) => payment(services, 'INV-2055', 'refuse'),
  },
  {
    file: '45-bank-refuses-posted.xml',
    expected: 'undone',
    told: 'Booked and posted, then the bank refused: the posting was reversed, the booking taken back.',
    order: ({ services }) => payment(services, 'TYR-0115', 'refuse'),
  },
  {
    file: '44-unknown-account.json',
    expected: 'undone',
    told: 'The general ledger has no such account: its own constraint refused, and the booking was taken back.',
  },
  {
    file: '16-reply-lost.json',
    expected: 'executed',
    told: 'Paid, but the reply was lost. Once the credential is dead, the service is asked by key what became of it.',
    order: ({ services }) => payment(services, 'INV-2056', 'drop-reply'),
  },
  {
    file: '47-posted-reply-lost.xml',
    expected: 'executed',
    told: 'The same, and what was posted stands once.',
    order: ({ services }) => payment(services, 'VAN-10925', 'drop-reply'),
  },
  {
    file: '46-account-held.json',
    expected: 'executed',
    told: 'An accountant held the account: the posting ran out of time, changed nothing, and was tried again.',
    order: ({ books }) => books.holdAccount('6815'),
  },
];

/** A step that fails is undone; a reply that is lost is asked for, by key; what certainly did not happen is tried again. Nothing is sent twice. */
export async function thingsBreak(stage: Stage): Promise<readonly Handled[]> {
  const { agent, tell } = stage;
  tell.chapter('Things break half-way');
  const settled = await Promise.all(
    MISHAPS.map(async ({ file, expected, order }) => {
      const ordered = await order?.(stage);
      const settling = async (): Promise<Handled> => (await agent.handIn(file)).ended(expected);
      const [invoice] = await Promise.all([settling(), ordered?.happened]);
      return invoice;
    }),
  );
  settled.forEach((invoice, index) => {
    tell.note(MISHAPS[index]?.told ?? '');
    tell.invoice(invoice);
  });
  return settled;
}

function payment(services: Stage['services'], invoiceId: string, how: 'refuse' | 'drop-reply'): Promise<Ordered> {
  return Promise.resolve({
    happened: services.payments.faults.failNext({ operation: 'createPayment', invoiceId, how }),
  });
}
