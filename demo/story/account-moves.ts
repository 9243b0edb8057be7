import { type Handled } from '../handled';
import { type Stage } from './stage';

/** Nobody's: valid check digits, another bank. */
const OTHER_ACCOUNT = 'CH9300762011623852957';

/** What was countersigned is what runs: when the vendor's account changes in between, people are asked again, and shown what changed. */
export async function accountMoves({
  agent,
  people,
  bobAtTheGateway,
  services,
  tell,
}: Stage): Promise<readonly Handled[]> {
  tell.chapter('The account changes after somebody has looked');
  const submission = await agent.handIn('35-account-moved.json');
  await bobAtTheGateway.read(submission);
  services.erp.changeIban('vulcan', OTHER_ACCOUNT);
  const headline = await bobAtTheGateway.decide(submission, 'approve', 'Looks fine.');
  tell.note(`bob approves "${headline}" to the account that he was shown. By now the ERP has another one.`);
  // He has voted on the first request, so what he may read now is another.
  const again = await bobAtTheGateway.read(submission);
  const changed = again.card.split('\n').find((line) => line.startsWith('IBAN'));
  tell.note(`Nothing is paid: people are asked again, and shown ${changed ?? 'nothing'}.`);
  const reason = 'Called Vulcan: their account has not changed.';
  await people.carol.decide({ ...submission, ...again }, 'deny', reason);
  tell.note(`carol picks up the phone, and denies. ${reason}`);
  const invoice = await submission.ended('rejected');
  tell.invoice(invoice);
  return [invoice];
}
