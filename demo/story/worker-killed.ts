import { type Handled } from '../handled';
import { type Stage } from './stage';

const INTERRUPTED = [
  { file: '17-worker-killed.xml', invoiceId: 'INV-2057' },
  { file: '28-posted-worker-killed.json', invoiceId: 'INI-77230' },
];

/** kill -9 between the effect and its reply: the worst moment there is. Here of two payments at once. */
export async function workerKilled({
  agent,
  services,
  killWorker,
  tell,
  audience,
}: Stage): Promise<readonly Handled[]> {
  tell.chapter('The worker is killed in the middle of two payments');
  const answer = await audience.ask('Press k to kill the worker while money moves, Enter to leave it alone.', [
    'k',
    '\r',
  ]);
  const paid = INTERRUPTED.map(({ invoiceId }) =>
    services.payments.faults.failNext({ operation: 'createPayment', invoiceId, how: 'hang' }),
  );
  const submissions = await Promise.all(INTERRUPTED.map(({ file }) => agent.handIn(file)));
  await Promise.all(paid);
  if (answer === '\r') {
    tell.note('The money moved, and the reply never comes. The worker waits, gives up, and asks by key.');
  } else {
    killWorker();
    tell.note('kill -9, after the money moved and before anybody heard of it. A new worker takes over and asks first.');
  }
  const handled = await Promise.all(submissions.map((submission) => submission.ended('executed')));
  handled.forEach((invoice) => tell.invoice(invoice));
  return handled;
}
