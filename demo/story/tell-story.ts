import { type Handled } from '../handled';
import { accessLent, type Lent } from './access-lent';
import { accountMoves } from './account-moves';
import { countersigned } from './countersigned';
import { deniedByPolicy } from './denied-by-policy';
import { nobodyAnswers } from './nobody-answers';
import { paidByPolicy } from './paid-by-policy';
import { refusedAtTheDoor } from './refused-at-the-door';
import { sideBySide } from './side-by-side';
import { type Stage } from './stage';
import { thingsBreak } from './things-break';
import { twoPeople } from './two-people';
import { workerKilled } from './worker-killed';
import { yourTurn } from './your-turn';

export interface Told {
  readonly handled: readonly Handled[];
  readonly lent: Lent;
}

/** The whole story. What people are asked about goes on beside the rest, as it does in life; only a kill has the stage for itself. */
export async function tellStory(stage: Stage): Promise<Told> {
  const withPeople = [countersigned, twoPeople, accountMoves, nobodyAnswers, yourTurn];
  const handled = await sideBySide(stage, [withoutPeople, ...withPeople]);
  const lent = await accessLent(stage);
  return { handled: [...handled, ...(await workerKilled(stage))], lent };
}

/** One after the other: a duplicate needs an invoice that was paid. */
async function withoutPeople(stage: Stage): Promise<readonly Handled[]> {
  const handled: Handled[] = [];
  for (const chapter of [paidByPolicy, refusedAtTheDoor, deniedByPolicy, thingsBreak])
    handled.push(...(await chapter(stage)));
  return handled;
}
