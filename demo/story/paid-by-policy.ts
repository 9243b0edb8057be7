import { type Handled } from './handled';
import { type Stage } from './stage';

/** Small invoices of known vendors: policy allows them, nobody is asked. */
export async function paidByPolicy({ agent, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('Small invoices of known vendors are paid by policy alone');
  const handled: Handled[] = [];
  for (const file of ['01-small.xml', '02-small-dollars.json']) {
    const invoice = await agent.settle(file, 'executed');
    tell.invoice(invoice);
    handled.push(invoice);
  }
  return handled;
}
