import { type Handled } from './handled';
import { type Stage } from './stage';

/** Well-formed, and still not payable: the facts are read from the books, not from the invoice. */
export async function deniedByPolicy({ agent, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('The policy looks into the books, and says no');
  const handled: Handled[] = [];
  for (const file of ['07-duplicate.json', '08-unknown-vendor.xml', '09-inactive-vendor.json']) {
    const invoice = await agent.settle(file, 'denied');
    tell.invoice(invoice);
    handled.push(invoice);
  }
  return handled;
}
