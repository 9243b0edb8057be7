import { type Handled } from './handled';
import { type Stage } from './stage';

/** What is no invoice, or no amount, never becomes an action: the agent's reader stops at some, the gateway refuses the rest. */
export async function refusedAtTheDoor({ agent, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('What is malformed or absurd gets nowhere');
  const handled: Handled[] = [];
  for (const file of [
    '05-malformed.xml',
    '06-malformed.json',
    '18-entity-bomb.xml',
    '10-beyond-numbers.json',
    '11-negative.xml',
  ]) {
    const invoice = await agent.settle(file, 'invalid');
    tell.invoice(invoice);
    handled.push(invoice);
  }
  return handled;
}
