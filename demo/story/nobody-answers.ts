import { type Handled } from '../handled';
import { type Stage } from './stage';

/** Same-day payments need people within seconds. Handed in early, so that the story goes on while nobody answers. */
export async function nobodyAnswers({ agent, people, tell }: Stage): Promise<() => Promise<readonly Handled[]>> {
  const half = await agent.handIn('50-half-signed.json');
  const unanswered = await Promise.all(
    ['14-due-today.json', '49-posted-due-today.xml'].map((file) => agent.handIn(file)),
  );
  const headline = await people.bob.decide(half, 'approve', 'The press stands still.');
  return async () => {
    tell.chapter('Nobody answers in time');
    const handled = await Promise.all([...unanswered, half].map((submission) => submission.ended('expired')));
    tell.note('Bob and Carol had eight seconds for same-day payments and were busy. Silence is not consent.');
    tell.note(`Of "${headline}", Bob approved his half; nobody gave the other, and half of it is nothing.`);
    handled.forEach((invoice) => tell.invoice(invoice));
    return handled;
  };
}
