import { type Handled } from '../handled';
import { type Stage } from './stage';

const DECISIONS = [
  { file: '03-large.xml', choice: 'approve', expected: 'executed', reason: 'Ordered in September, delivered.' },
  {
    file: '04-unverified-vendor.json',
    choice: 'approve',
    expected: 'executed',
    reason: 'Called Hooli: the account is theirs.',
  },
  {
    file: '12-injected-memo.xml',
    choice: 'deny',
    expected: 'rejected',
    reason: 'The note tries to give orders. Ask Globex.',
  },
  { file: '13-wrong-price.xml', choice: 'deny', expected: 'rejected', reason: 'We have 50 seats, not 500.' },
] as const;

/** Large sums and doubtful vendors wait for bob, who sees exactly what would run. */
export async function countersigned({ agent, bob, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('Large sums and unverified accounts wait for a person');
  const waiting = [];
  for (const decision of DECISIONS) waiting.push({ ...decision, submission: await agent.handIn(decision.file) });
  const handled: Handled[] = [];
  for (const { submission, choice, reason, expected } of waiting) {
    const headline = await bob.decide(submission, choice, reason);
    tell.note(`bob sees "${headline}": ${choice === 'approve' ? 'approves' : 'denies'}. ${reason}`);
    const invoice = await submission.ended(expected);
    tell.invoice(invoice);
    handled.push(invoice);
  }
  return handled;
}
