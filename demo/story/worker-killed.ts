import { type Handled } from '../handled';
import { type Stage } from './stage';

/** kill -9 between the effect and its reply: the worst moment there is. */
export async function workerKilled({ agent, services, killWorker, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('The worker is killed in the middle of a payment');
  const paid = services.payments.faults.failNext({ operation: 'createPayment', invoiceId: 'INV-2057', how: 'hang' });
  const submission = await agent.handIn('17-worker-killed.xml');
  await paid;
  killWorker();
  tell.note('kill -9, after the money moved and before anybody heard of it. A new worker takes over and asks first.');
  const invoice = await submission.ended('executed');
  tell.invoice(invoice);
  return [invoice];
}
