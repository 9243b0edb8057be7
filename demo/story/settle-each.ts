import { type Handled, type InvoiceEnding } from '../handled';
import { type Stage } from './stage';

/** Hands invoices in, all at once; waits for them and tells of them in their order. */
export async function settleEach(
  { agent, tell }: Pick<Stage, 'agent' | 'tell'>,
  files: readonly string[],
  expected: InvoiceEnding,
): Promise<readonly Handled[]> {
  const submissions = await Promise.all(files.map((file) => agent.handIn(file)));
  const handled: Handled[] = [];
  for (const submission of submissions) {
    const invoice = await submission.ended(expected);
    tell.invoice(invoice);
    handled.push(invoice);
  }
  return handled;
}
