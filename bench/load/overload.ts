import { LATE, type BenchTarget } from '../target';
import { type Actions } from './actions';
import { closedLoop } from './closed-loop';
import { openLoop } from './open-loop';
import { quantile, round } from './sample';

export interface Overload {
  readonly capacityPerSecond: number;
  readonly offeredPerSecond: number;
  /** Carried out, of those that were offered. */
  readonly executedPerSecond: number;
  /** Refused at the door, with a code, because too many waited already. */
  readonly refused: number;
  /** How long a credential that did not end at once lives on until the control lane ends it. */
  readonly revocationP99Ms: { readonly unloaded: number; readonly overloaded: number };
  readonly revocationRatio: number;
}

const TIMES = 3;
const SECONDS = 20;
/** So many of the flood need the control lane: enough for a 99th percentile, few enough to be the exception that they are. */
const EVERY = 4;
const UNLOADED = { concurrent: 2, count: 150 } as const;

/** Three times what it can take, from callers who do not wait for each other. What is accepted has to go on, and what takes rights away first. */
export async function overload(actions: Actions, target: BenchTarget, capacityPerSecond: number): Promise<Overload> {
  await closedLoop(UNLOADED, () => actions.attempt(LATE));
  const unloaded = p99(target.revocationDelaysMs());

  const offeredPerSecond = capacityPerSecond * TIMES;
  const ended: string[] = [];
  const began = performance.now();
  let begun = 0;
  await openLoop({ perSecond: offeredPerSecond, seconds: SECONDS }, async () => {
    begun += 1;
    ended.push(await actions.attempt(begun % EVERY === 0 ? LATE : undefined));
  });
  const seconds = (performance.now() - began) / 1_000;
  const overloaded = p99(target.revocationDelaysMs());

  const executed = ended.filter((kind) => kind === 'executed').length;
  const refused = ended.filter((kind) => kind === '429').length;
  if (executed + refused !== ended.length)
    throw new Error(`Under overload actions ended as ${[...new Set(ended)].join(', ')}.`);
  return {
    capacityPerSecond: round(capacityPerSecond),
    offeredPerSecond: round(offeredPerSecond),
    executedPerSecond: round(executed / seconds),
    refused,
    revocationP99Ms: { unloaded, overloaded },
    revocationRatio: round(overloaded / unloaded),
  };
}

function p99(delaysMs: readonly number[]): number {
  return round(
    quantile(
      [...delaysMs].sort((a, b) => a - b),
      0.99,
    ),
  );
}
