import { type Handled } from '../handled';
import { settleEach } from './settle-each';
import { type Stage } from './stage';

/** What is no invoice, or no amount, never becomes an action: the agent's reader stops at some, the gateway refuses the rest. */
export async function refusedAtTheDoor(stage: Stage): Promise<readonly Handled[]> {
  stage.tell.chapter('What is malformed or absurd gets nowhere');
  const files = [
    ...['05-malformed.xml', '06-malformed.json', '18-entity-bomb.xml', '36-amount-is-a-number.json'],
    ...['39-credit-note.xml', '40-two-totals.xml', '10-beyond-numbers.json', '11-negative.xml'],
    ...['37-three-decimals.xml', '38-francs.json', '41-nothing-to-pay.json'],
  ];
  return settleEach(stage, files, 'invalid');
}
