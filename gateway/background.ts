import { type Logger } from 'pino';
import { within } from './within';

/** Work that outlives the request it came from, each piece of it also safe with the outbox: a failure costs time, nothing else. */
export interface Background {
  /** Resolves when the work is over, well or not. */
  run(what: string, work: () => Promise<void>): Promise<void>;
  /** Resolves when the process is asked to end: whoever waits for work may stop waiting. */
  readonly ending: Promise<void>;
  /** Resolves when nothing is under way, or after `withinMs`. */
  drain(withinMs: number): Promise<void>;
  end(): void;
}

export function createBackground(log: Pick<Logger, 'warn'>): Background {
  const running = new Set<Promise<void>>();
  let end = (): void => undefined;
  const ending = new Promise<void>((resolve) => (end = resolve));
  return {
    run: (what, work) => {
      const piece = work()
        .catch((error: unknown) => {
          log.warn({ err: error, what }, 'left to the outbox');
        })
        .finally(() => running.delete(piece));
      running.add(piece);
      return piece;
    },
    ending,
    drain: (withinMs) => within(withinMs, Promise.all(running)),
    end: () => end(),
  };
}
