import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { armAgain } from '../faults/kill';
import { judge } from '../helpers/check-invariants';
import { invoice, pay, vote } from '../helpers/pay';
import { startSpine } from '../helpers/spine';
import { insist } from './insist';
import { keepRunning } from './keep-running';
import { seeded } from './seeded';

export interface RandomRun {
  readonly seed: number;
  readonly actions: number;
  readonly kills: number;
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
/** From one death to the next: the machine needs some three seconds to have a process back. */
const BETWEEN_KILLS_MS = { least: 500, most: 4_000 };
/** Where a worker has done what nobody knows of yet, so that it comes to be done again. */
const POINTS = ['execute:after-external', 'undo:after-external', 'recordEnd:before-commit', 'settle:before-commit'];
/** After the last death everything has to end within this; a lost reply is asked after for that long. */
const QUIET_WITHIN_MS = 240_000;

const SETTLED = `select from actions where action = $1 and settled_at is not null`;

/**
 * F1 F2: a hundred actions in flight of every sort, two workers and a gateway, and one of them killed with -9 again and again: at a random moment,
 * or at the next pass of one of the points. What is killed, when, and what is asked follow from the seed; how the machine runs does not.
 */
export async function randomRun(seed: number, forMs: number): Promise<RandomRun> {
  const spine = await startSpine();
  const chance = seeded(seed);
  await spine.worker().stop();
  await spine.gateway().stop();
  const faults = POINTS.map((point) => `${point}=kill`).join(',');
  const fleet = [
    keepRunning('worker', spine.settings.worker, faults),
    keepRunning('worker', spine.settings.worker, faults),
    keepRunning('gateway', spine.settings.gateway),
  ];
  const end = performance.now() + forMs;
  const killing = (async () => {
    while (performance.now() < end) {
      await sleep(BETWEEN_KILLS_MS.least + chance() * (BETWEEN_KILLS_MS.most - BETWEEN_KILLS_MS.least));
      const choice = Math.floor(chance() * (fleet.length + POINTS.length));
      const point = POINTS[choice - fleet.length];
      if (point === undefined) fleet[choice]?.kill();
      else armAgain(spine.home, point);
    }
  })();

  const accepted = new Set<string>();
  const canaries: string[] = [];
  const ask = async (): Promise<void> => {
    const kind = chance();
    // Small against the day's budget, so that it lasts for thousands; above 1000.00 somebody has to countersign.
    const amountMinor = kind < 0.7 ? 10 : 100_001;
    const memo = `CANARY-${randomUUID()}`;
    canaries.push(memo);
    const params = invoice({ amountMinor, memo, ...(kind > 0.95 && { vendorId: 'umbrella' }) });
    const { payments } = spine.services;
    const mishap = { operation: 'createPayment', invoiceId: params.invoiceId };
    if (kind < 0.1) void payments.faults.failNext({ ...mishap, how: 'drop-reply' });
    else if (kind < 0.15) void payments.faults.failNext({ ...mishap, how: 'refuse' });
    const { id, status } = await insist(() => pay(spine, params, { waitMs: 1_000 }), QUIET_WITHIN_MS);
    if (status >= 400) throw new Error(`a request was refused with ${String(status)}`);
    accepted.add(id);
    const asked = `select from approval_requests where action = $1 union all ${SETTLED}`;
    if (amountMinor > 10 && params.vendorId !== 'umbrella' && (await until(asked, id)))
      await insist(() => vote(spine, 'bob', id, chance() < 0.9 ? 'approve' : 'deny'), QUIET_WITHIN_MS);
    await until(SETTLED, id);
  };
  /** False: it did not come to that in time, which the checker will say too. */
  const until = async (query: string, id: string): Promise<boolean> => {
    const deadline = performance.now() + QUIET_WITHIN_MS;
    while ((await spine.auditor.query(query, [id])).rowCount === 0) {
      if (performance.now() > deadline) return false;
      await sleep(250);
    }
    return true;
  };
  const agent = async (): Promise<void> => {
    while (performance.now() < end) await ask();
  };
  try {
    await Promise.all([killing, ...Array.from({ length: IN_FLIGHT }, agent)]);
    const { breaches, evidence } = await judge(spine, { canaries, quietWithinMs: QUIET_WITHIN_MS });
    const happened = new Set<string>();
    const again = evidence.records.filter(({ kind, key, service, operation }) => {
      if (key === undefined) return false;
      const name = `${service} ${operation} ${key}`;
      const before = happened.has(name);
      if (kind === 'effect') happened.add(name);
      return before;
    });
    const settled = new Set(
      evidence.entries.filter(({ event }) => event === 'action.settled').map(({ entry }) => entry['action']),
    );
    return {
      seed,
      actions: accepted.size,
      kills: fleet.reduce((sum, each) => sum + each.deaths(), 0),
      duplicateEffects: evidence.witness.duplicates.length,
      unauthorisedEffects: breaches.filter((breach) => breach.startsWith('I1 ')).length,
      lostRequests: [...accepted].filter((id) => !settled.has(id)).length,
      liveGrants: evidence.liveTokens.length + breaches.filter((breach) => breach.includes('grant ')).length,
      duplicatesAttempted: again.length,
      duplicatesAbsorbed: again.filter(({ kind }) => kind !== 'effect').length,
      ledger: { verified: evidence.verified },
      breaches,
    };
  } finally {
    await Promise.all(fleet.map((each) => each.stop()));
    await spine.stop();
  }
}
