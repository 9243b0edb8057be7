import { setTimeout as later } from 'node:timers/promises';
import { type Unheard as UnheardProcess } from '../db/unheard-by';
import { print, say, table } from './output';

/** As the gateway answers. */
export interface Unheard {
  readonly unheard: readonly UnheardProcess[];
}

const LOOK_MS = 500;

/** Asks until every process has confirmed, or the time is over. Answers with those that have not. */
export async function untilHeard(
  withinSeconds: number,
  first: Unheard['unheard'],
  ask: () => Promise<Unheard['unheard']>,
): Promise<Unheard['unheard']> {
  const deadline = performance.now() + withinSeconds * 1_000;
  let unheard = first;
  while (unheard.length > 0 && performance.now() < deadline) {
    await later(LOOK_MS);
    unheard = await ask();
  }
  return unheard;
}

export function showUnheard(unheard: Unheard['unheard']): void {
  if (unheard.length === 0) return;
  print(
    `\n${table(
      ['not confirmed by', 'kind', 'last heard of'],
      unheard.map(({ process, kind, heardAt }) => [process, kind, heardAt]),
    )}`,
  );
  say(
    'No effect begins through these either, for the database decides. Who has not heard for five seconds takes nothing.',
  );
}
