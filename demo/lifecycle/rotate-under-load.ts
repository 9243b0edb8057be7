import { type Stage } from './stage';

const ROUNDS = 6;
const ROTATED = 5;

/** Everybody pays, over and over, while five of them change their keys. Answers with how many requests failed for it. */
export async function rotateUnderLoad({ fleet, tell, ended }: Stage): Promise<number> {
  tell.chapter('Keys are replaced while everybody works');
  const load = (async () => {
    for (let round = 0; round < ROUNDS; round++) ended.push(...(await Promise.all(fleet.map((agent) => agent.pay()))));
  })();
  const rotating = Promise.all(fleet.slice(0, ROTATED).map((agent) => agent.rotate()));
  await Promise.all([load, rotating]);
  const failures = ended.filter(({ kind }) => kind === 'unauthenticated').length;
  tell.note(`${String(ROTATED)} keys replaced, ${String(failures)} requests failed for it.`);
  return failures;
}
