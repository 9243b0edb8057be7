import { type Handled } from '../handled';
import { type Stage } from './stage';

/** Same-day payments need people within seconds. Silence is not consent, and half of what is needed is nothing. */
export async function nobodyAnswers({ agent, bobAtTheGateway, tell }: Stage): Promise<readonly Handled[]> {
  tell.chapter('Nobody answers in time');
  const [unanswered, half] = await Promise.all([
    agent.handIn('14-due-today.json'),
    agent.handIn('30-half-signed.json'),
  ]);
  const headline = await bobAtTheGateway.decide(half, 'approve', 'The press stands still.');
  const handled = await Promise.all([unanswered, half].map((submission) => submission.ended('expired')));
  tell.note('Bob and Carol had eight seconds for same-day payments and were busy. Silence is not consent.');
  tell.note(`Of "${headline}", Bob approved his half; nobody gave the other, and half of it is nothing.`);
  handled.forEach((invoice) => tell.invoice(invoice));
  return handled;
}
