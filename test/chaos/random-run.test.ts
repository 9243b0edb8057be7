import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RandomRun, randomRun } from './random-run';

const KEPT = join(__dirname, 'seeds.json');
const kept = JSON.parse(readFileSync(KEPT, 'utf8')) as readonly number[];

const minutes = Number(process.env['CHAOS_MINUTES'] ?? '1');
const seed = Number(process.env['CHAOS_SEED'] ?? randomInt(1, 2 ** 31));

/** A kept seed has shown its fault once; it is looked at again for as long as that took. */
const KEPT_MS = 60_000;

/** One that found a breach, or could not go on. */
function keep(found: number): void {
  if (!kept.includes(found)) writeFileSync(KEPT, `${JSON.stringify([...kept, found])}\n`);
}

const runs: RandomRun[] = [];
afterAll(() => {
  const path = process.env['CHAOS_RESULT'];
  const lines = runs.map(({ breaches: _, ...found }) => `${JSON.stringify(found)}\n`).join('');
  if (path !== undefined) writeFileSync(path, lines);
});

describe('F2 workers and a gateway killed at random, with a hundred actions in flight', () => {
  it.each([
    ...kept.filter((each) => each !== seed).map((each) => [each, KEPT_MS] as const),
    [seed, minutes * 60_000] as const,
  ])(
    'seed %i: every request ends, every effect is allowed and happens once, and nothing stays open',
    async (each, forMs) => {
      process.stderr.write(`random run: seed ${String(each)}\n`);
      const run = await randomRun(each, forMs).catch((error: unknown) => {
        keep(each);
        throw error;
      });
      runs.push(run);
      process.stderr.write(`random run: ${JSON.stringify(run)}\n`);
      if (run.breaches.length > 0) keep(each);
      expect(run.breaches).toEqual([]);
      expect(run.actions).toBeGreaterThan(0);
    },
    (minutes + 12) * 60_000,
  );
});
