import { type Handled } from '../handled';
import { type Stage } from './stage';

/** A step that fails is undone; a reply that is lost is asked for, by key, and nothing is sent twice. */
export async function thingsBreak({ agent, services, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('Things break half-way');
  const { faults } = services.payments;

  void faults.failNext({ operation: 'createPayment', invoiceId: 'INV-2055', how: 'refuse' });
  const refused = await agent.settle('15-bank-refuses.xml', 'undone');
  tell.note('Booked in the ERP, then the bank refused: the booking was taken back.');
  tell.invoice(refused);

  const dropped = faults.failNext({ operation: 'createPayment', invoiceId: 'INV-2056', how: 'drop-reply' });
  const submission = await agent.handIn('16-reply-lost.json');
  await dropped;
  tell.note(
    'Paid, but the reply was lost. Once the credential is dead, the service is asked by key what became of it.',
  );
  const reconciled = await submission.ended('executed');
  tell.invoice(reconciled);
  return [refused, reconciled];
}
