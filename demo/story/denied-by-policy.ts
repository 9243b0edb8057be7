import { type Handled } from '../handled';
import { settleEach } from './settle-each';
import { type Stage } from './stage';

/** Well-formed, and still not payable: the facts are read from the books, not from the invoice. */
export async function deniedByPolicy(stage: Stage): Promise<readonly Handled[]> {
  stage.tell.chapter('The policy looks into the books, and says no');
  const files = [
    ...['07-duplicate.json', '42-posted-duplicate.xml', '08-unknown-vendor.xml', '09-inactive-vendor.json'],
    ...['43-posted-inactive-vendor.json', '34-over-budget.xml', '33-needs-three-people.json'],
  ];
  const handled = await settleEach(stage, files, 'denied');
  stage.tell.note(
    'The last one needs three signatures, and there are two people who may give one: it is not even asked.',
  );
  return handled;
}
