import { ActivityFailure } from '@temporalio/common';
import { REFUSED, type Refused } from '../../domain/refused';

/** What may happen to an attempt of an activity; `forged` is an answer that somebody else wrote, and that no worker did anything for. */
type Fault = 'none' | 'before' | 'answer lost' | 'forged';

/** Temporal without Temporal: a clock that jumps, timers, activities that are tried again. All that is left to chance follows from the seed. */
export class Machine {
  now = 0;
  readonly trace: string[] = [];
  readonly #events: { readonly at: number; readonly tie: number; readonly run: () => void }[] = [];
  readonly #waiting = new Set<() => boolean>();
  readonly #faultRate: number;
  #state: number;
  #executions = 0;

  constructor(seed: number) {
    this.#state = seed;
    this.#faultRate = this.pick(0, 0.1, 0.3, 0.5);
  }

  /** Mulberry32: the next of a sequence that the seed determines, from 0 up to 1. */
  random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(...choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.random() * choices.length)] ?? choices[0];
  }

  after(ms: number, run: () => void): void {
    this.#events.push({ at: this.now + ms, tie: this.random(), run });
  }

  note(what: string): void {
    this.trace.push(`${String(this.now)} ${what}`);
  }

  /** As the workflow's: resolves once it holds, or the time is over. */
  condition = (holds: () => boolean, ms?: number): Promise<boolean> =>
    new Promise((resolve) => {
      let over = false;
      const look = (): boolean => {
        if (!over && !holds()) return false;
        resolve(!over || holds());
        return true;
      };
      if (look()) return;
      this.#waiting.add(look);
      if (ms !== undefined) this.after(ms, () => void (over = true));
    });

  /** Tries until one attempt answers. `attempts`: after so many Temporal gives up, and nobody knows what they did. */
  async activity<T>(
    name: string,
    work: (execution: number) => T,
    { attempts = Infinity, forgeable = true } = {},
  ): Promise<T | Refused> {
    const execution = (this.#executions += 1);
    for (let attempt = 1; ; attempt += 1) {
      await this.#sleep(5 + Math.floor(this.random() * 200));
      const fault = this.#fault(forgeable);
      if (fault === 'forged') {
        this.note(`${name}: forged`);
        return { [REFUSED]: 'tampered' };
      }
      const answer = fault === 'before' ? undefined : work(execution);
      this.note(`${name} (${fault}): ${JSON.stringify(answer)}`);
      // Nothing: the attempt threw, as where a target is to be asked again.
      if (fault === 'none' && answer !== undefined) return answer;
      if (attempt >= attempts) throw new ActivityFailure('gave up', name, String(execution), 'TIMEOUT', 'worker');
      await this.#sleep(500 * attempt);
    }
  }

  #fault(forgeable: boolean): Fault {
    if (!this.chance(this.#faultRate)) return 'none';
    return this.pick('before', 'answer lost', forgeable && this.chance(0.3) ? 'forged' : 'answer lost');
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Plays all that happens until the story has ended. */
  async run<T>(story: Promise<T>): Promise<T> {
    let ended = false;
    const end = (): void => void (ended = true);
    story.then(end, end);
    for (let played = 0; ; played += 1) {
      await new Promise(setImmediate); // all that follows without waiting
      if (ended) return await story;
      const next = this.#events.sort((a, b) => a.at - b.at || a.tie - b.tie).shift();
      if (next === undefined || played > 20_000) throw new Error('the story goes on for ever, and nothing happens');
      this.now = next.at;
      next.run();
      for (const look of [...this.#waiting]) if (look()) this.#waiting.delete(look);
    }
  }
}
