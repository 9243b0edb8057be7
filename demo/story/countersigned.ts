import { type Handled } from '../handled';
import { decideEach, type Decision } from './decide-each';
import { type Stage } from './stage';

const DECISIONS: readonly Decision[] = [
  {
    file: '03-large.xml',
    answers: [{ by: 'bob', choice: 'approve', reason: 'Ordered in September, delivered.' }],
    expected: 'executed',
  },
  {
    file: '04-unverified-vendor.json',
    answers: [{ by: 'bob', choice: 'approve', reason: 'Called Hooli: the account is theirs.' }],
    expected: 'executed',
  },
  {
    file: '25-posted-parts.xml',
    answers: [{ by: 'carol', choice: 'approve', reason: 'Order 5501, complete.' }],
    expected: 'executed',
  },
  {
    file: '12-injected-memo.xml',
    answers: [{ by: 'bob', choice: 'deny', reason: 'The note tries to give orders. Ask Globex.' }],
    expected: 'rejected',
  },
  {
    file: '13-wrong-price.xml',
    answers: [{ by: 'bob', choice: 'deny', reason: 'We have 50 seats, not 500.' }],
    expected: 'rejected',
  },
  {
    file: '27-posted-wrong-account.json',
    answers: [{ by: 'carol', choice: 'deny', reason: 'Rent is no machinery. Charge it to another account.' }],
    expected: 'rejected',
  },
];

/** Larger sums and doubtful vendors wait for a person of finance, who sees exactly what would run. */
export async function countersigned(stage: Stage): Promise<readonly Handled[]> {
  stage.tell.chapter('Large sums and unverified accounts wait for a person');
  return decideEach(stage, DECISIONS);
}
