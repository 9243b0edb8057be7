import { type Handled } from '../handled';
import { accountMoves } from './account-moves';
import { countersigned } from './countersigned';
import { deniedByPolicy } from './denied-by-policy';
import { nobodyAnswers } from './nobody-answers';
import { paidByPolicy } from './paid-by-policy';
import { refusedAtTheDoor } from './refused-at-the-door';
import { type Stage } from './stage';
import { thingsBreak } from './things-break';
import { twoPeople } from './two-people';
import { workerKilled } from './worker-killed';
import { yourTurn } from './your-turn';

/** The whole story, in order. Later chapters stand on earlier ones: a duplicate needs an invoice that was paid. */
export async function tellStory(stage: Stage): Promise<readonly Handled[]> {
  const handled: Handled[] = [];
  handled.push(...(await paidByPolicy(stage)));
  handled.push(...(await refusedAtTheDoor(stage)));
  handled.push(...(await deniedByPolicy(stage)));
  const silence = await nobodyAnswers(stage);
  handled.push(...(await countersigned(stage)));
  handled.push(...(await yourTurn(stage)));
  handled.push(...(await twoPeople(stage)));
  handled.push(...(await accountMoves(stage)));
  handled.push(...(await thingsBreak(stage)));
  handled.push(...(await workerKilled(stage)));
  handled.push(...(await silence()));
  return handled;
}
