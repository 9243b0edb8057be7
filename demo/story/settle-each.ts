import { type Handled, type InvoiceEnding } from '../handled';
import { type Stage } from './stage';

/** One invoice after the other: handed in, waited for, told. */
export async function settleEach(
  { agent, tell }: Stage,
  files: readonly string[],
  expected: InvoiceEnding,
): Promise<readonly Handled[]> {
  const handled: Handled[] = [];
  for (const file of files) {
    const invoice = await agent.settle(file, expected);
    tell.invoice(invoice);
    handled.push(invoice);
  }
  return handled;
}
