import { type Handled } from '../handled';
import { type Stage } from './stage';

/** One invoice is decided by whoever watches; by bob where nobody does. */
export async function yourTurn({ agent, audience, bobAtTheGateway, people, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('One for whoever sits here');
  const submission = await agent.handIn('26-consulting.json');
  const { card } = await bobAtTheGateway.read(submission);
  const key = await audience.ask(`${card}\n\nYour turn, as bob: approve (a) or deny (d) this one.`, ['a', 'd']);
  const denied = key === 'd';
  const headline = await people.bob.decide(submission, denied ? 'deny' : 'approve', REASONS[key ?? 'nobody'] ?? '');
  tell.note(`bob sees "${headline}": ${denied ? 'denies' : 'approves'}. ${REASONS[key ?? 'nobody'] ?? ''}`);
  const invoice = await (denied ? submission.ended('rejected') : submission.ended('executed', ['bob']));
  tell.invoice(invoice);
  return [invoice];
}

const REASONS: Readonly<Record<string, string>> = {
  a: 'Decided at the terminal.',
  d: 'Decided at the terminal.',
  nobody: 'The hours are on the timesheet.',
};
