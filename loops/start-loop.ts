import { type Logger } from 'pino';

export interface Loop {
  /** Resolves when the round under way has ended; there is no other after it. */
  stop(): Promise<void>;
}

/**
 * Runs `round` again and again: at once while it finds something to do, after `idleMs` when it did not. A round that
 * fails is told and tried again later: what it left undone is still in its table. `ended` hears how each round went.
 */
export function startLoop(
  name: string,
  log: Logger,
  idleMs: number,
  round: () => Promise<boolean>,
  ended: (result: 'ok' | 'failed') => void = () => undefined,
): Loop {
  let stopped = false;
  let wakeUp: () => void = () => undefined;
  const pause = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      wakeUp = resolve;
      setTimeout(resolve, idleMs).unref();
    });
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      const busy = await round().catch((err: unknown) => {
        log.error({ err, loop: name }, 'a round of this loop failed; it is tried again');
        return undefined;
      });
      ended(busy === undefined ? 'failed' : 'ok');
      if (busy !== true && !stopped) await pause();
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      wakeUp();
      await running;
    },
  };
}
