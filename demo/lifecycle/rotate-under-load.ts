import { type Ended } from './fleet';
import { type Stage } from './stage';

const ROUNDS = 6;
const ROTATED = 5;

/** Everybody pays, over and over, while five of them replace their keys. Answers with how many requests were refused at the door meanwhile, for whatever reason. */
export async function rotateUnderLoad({ fleet, tell, ended }: Stage): Promise<number> {
  tell.chapter('Keys are replaced while everybody works');
  const paid: Ended[] = [];
  const load = (async () => {
    for (let round = 0; round < ROUNDS; round++) paid.push(...(await Promise.all(fleet.map((agent) => agent.pay()))));
  })();
  const rotating = Promise.all(fleet.slice(0, ROTATED).map((agent) => agent.rotate()));
  await Promise.all([load, rotating]);
  ended.push(...paid);
  const failures = paid.filter(({ id }) => id === undefined).length;
  tell.note(
    `${String(ROTATED)} agents registered another key, and the old ones were ended with their tokens; of ${String(paid.length)} requests ${String(failures)} failed for it.`,
  );
  return failures;
}
