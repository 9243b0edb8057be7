import { type Handled } from '../handled';
import { type Stage } from './stage';

/** A same-day payment needs a person within seconds. Handed in early, so that the story goes on while nobody answers. */
export async function nobodyAnswers({ agent, tell }: Stage): Promise<() => Promise<readonly Handled[]>> {
  const submission = await agent.handIn('14-due-today.json');
  return async () => {
    tell.chapter('Nobody answers in time');
    const invoice = await submission.ended('expired');
    tell.note('Bob had eight seconds for a same-day payment and was busy. Silence is not consent.');
    tell.invoice(invoice);
    return [invoice];
  };
}
