import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../stack/wait-until';
import { armAgain, deathsIn, disarm } from '../faults/kill';
import { judge } from '../helpers/check-invariants';
import { type Evidence } from '../helpers/invariants/evidence';
import { type Spine, startSpine } from '../helpers/spine';
import { type Kept, keepRunning } from './keep-running';
import { killPlan, POINTS } from './kill-plan';
import { RandomLoad } from './random-load';
import { seeded } from './seeded';

export interface RandomRun {
  readonly seed: number;
  readonly actions: number;
  readonly kills: number;
  /** From the first asking for it to its end, of the action that took longest: how badly the deaths starved one. */
  readonly slowestMs: number;
  /** Of the points that the plan named, those that somebody came by, and died. */
  readonly pointsKilledAt: number;
  readonly duplicateEffects: number;
  readonly unauthorisedEffects: number;
  readonly lostRequests: number;
  readonly liveGrants: number;
  /** Calls that came to a target again under a key that had had its effect. */
  readonly duplicatesAttempted: number;
  /** Those of them that were answered from its memory, or refused for their dead token. */
  readonly duplicatesAbsorbed: number;
  readonly ledger: { readonly verified: boolean };
  readonly breaches: readonly string[];
}

/** As many as one agent may have open. */
const IN_FLIGHT = 100;
/** After the last death everything has to end within this; a lost reply is asked after for that long. */
const QUIET_WITHIN_MS = 240_000;
/** The three processes at once, on a machine that does other things too. */
const START_WITHIN_MS = 60_000;

/**
 * F1 F2: a hundred actions in flight of every sort, two workers and a gateway, and one of them killed with -9 again and again: at a random moment,
 * or at the next pass of any point that such actions come by. What is killed, in which order, and what is asked follow from the seed; how fast the
 * machine is does not, and the deaths keep its pace: a fleet that is never whole proves nothing.
 */
export async function randomRun(seed: number, forMs: number): Promise<RandomRun> {
  const spine = await startSpine();
  await spine.worker().stop();
  await spine.gateway().stop();
  // Nobody dies at a point before the plan says so.
  for (const point of POINTS) disarm(spine.home, point);
  const faults = POINTS.map((point) => `${point}=kill`).join(',');
  const fleet = [
    keepRunning('worker', spine.settings.worker, faults),
    keepRunning('worker', spine.settings.worker, faults),
    keepRunning('gateway', spine.settings.gateway, faults),
  ];
  try {
    const startMs = await timeToStart(fleet);
    const end = performance.now() + forMs;
    const load = new RandomLoad(spine, end + QUIET_WITHIN_MS);
    const agent = async (number: number): Promise<void> => {
      const chance = seeded(seed + number);
      while (performance.now() < end) await load.ask(chance);
    };
    const [armed] = await Promise.all([
      killUntil(end, seed, spine, { fleet, startMs }),
      ...Array.from({ length: IN_FLIGHT }, (_, n) => agent(n + 1)),
    ]);
    const dead = deathsIn(spine.home);
    const { breaches, evidence } = await judge(spine, { canaries: load.canaries, quietWithinMs: QUIET_WITHIN_MS });
    return {
      seed,
      actions: load.accepted.size,
      slowestMs: Math.round(load.slowestMs),
      kills: fleet.reduce((sum, each) => sum + each.deaths(), 0),
      pointsKilledAt: [...armed].filter((point) => dead.includes(point)).length,
      duplicateEffects: evidence.witness.duplicates.length,
      unauthorisedEffects: breaches.filter((breach) => breach.startsWith('I1 ')).length,
      lostRequests: lostOf(load.accepted, evidence),
      liveGrants: evidence.liveTokens.length + breaches.filter((breach) => breach.includes('grant ')).length,
      ...duplicatesOf(evidence),
      ledger: { verified: evidence.verified },
      breaches,
    };
  } finally {
    await Promise.all(fleet.map((each) => each.stop()));
    await spine.stop();
  }
}

async function timeToStart(fleet: readonly Kept[]): Promise<number> {
  const since = performance.now();
  const isWhole = (): boolean => fleet.every((each) => each.isReady());
  await waitUntil(isWhole, { what: 'The fleet was not at work', withinMs: START_WITHIN_MS });
  return performance.now() - since;
}

/** Returns the points at which somebody was to die. */
async function killUntil(
  end: number,
  seed: number,
  { home }: Pick<Spine, 'home'>,
  { fleet, startMs }: { readonly fleet: readonly Kept[]; readonly startMs: number },
): Promise<ReadonlySet<string>> {
  const armed = new Set<string>();
  for (const death of killPlan(seed, fleet.length)) {
    await sleep(death.after * startMs);
    if (performance.now() > end) break;
    if ('of' in death) fleet[death.of]?.kill();
    else if (armAgain(home, death.at)) armed.add(death.at);
  }
  return armed;
}

function lostOf(accepted: ReadonlySet<string>, { entries }: Evidence): number {
  const settled = new Set(
    entries.filter(({ event }) => event === 'action.settled').map(({ entry }) => entry['action']),
  );
  return [...accepted].filter((id) => !settled.has(id)).length;
}

function duplicatesOf({ records }: Evidence): Pick<RandomRun, 'duplicatesAttempted' | 'duplicatesAbsorbed'> {
  const happened = new Set<string>();
  const again = records.filter(({ kind, key, service, operation }) => {
    if (key === undefined) return false;
    const name = `${service} ${operation} ${key}`;
    const before = happened.has(name);
    if (kind === 'effect') happened.add(name);
    return before;
  });
  return {
    duplicatesAttempted: again.length,
    duplicatesAbsorbed: again.filter(({ kind }) => kind !== 'effect').length,
  };
}
