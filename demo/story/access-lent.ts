import { letsIn, lookWith } from '../books/look-with';
import { type Stage } from './stage';

/** A login that an agent was lent for one action, and what became of it. */
export interface Lent {
  readonly actionId: string;
  readonly role: string;
  /** Found out at the database, after it was given back. */
  readonly stillWorks: readonly string[];
}

const CLAIMED_WITHIN_MS = 20_000;

/** The agent looks into the books itself: with a login that was sealed for it alone, that may only read, and that is dead once given back. */
export async function accessLent({ agent, books, tell }: Stage): Promise<Lent> {
  tell.chapter('The agent looks into the books itself, for as long as that takes');
  const action = await agent.askToRead('Which postings are there of this month?');
  const claimed = await action.claim({ waitMs: CLAIMED_WITHIN_MS });
  if (claimed.kind !== 'claimed') throw new Error(`Nothing was lent: ${claimed.outcome.say}`);
  const { credential } = claimed;
  const look = await lookWith(credential);
  tell.note(`A login for thirty seconds: it sees ${look.postings} postings, and may not write (${look.writing}).`);
  await action.complete({ result: { postings: look.postings } });
  const stillWorks = [
    ...((await look.answers()) ? ['its session'] : []),
    ...((await letsIn(credential)) ? ['its password'] : []),
    ...((await books.rolesAlive()).includes(credential.user) ? ['its role'] : []),
  ];
  await look.close();
  if (stillWorks.length === 0)
    tell.note('Given back: its session was ended, its password opens nothing, its role is gone.');
  return { actionId: action.id, role: credential.user, stillWorks };
}
