import { type Handled } from '../handled';
import { settleEach } from './settle-each';
import { type Stage } from './stage';

/** Well-formed, and still not payable: the facts are read from the books, not from the invoice. */
export async function deniedByPolicy(stage: Stage): Promise<readonly Handled[]> {
  stage.tell.chapter('The policy looks into the books, and says no');
  return settleEach(stage, ['07-duplicate.json', '08-unknown-vendor.xml', '09-inactive-vendor.json'], 'denied');
}
