import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Report } from './report';
import { type ProcessOptions, type StartedProcess, startProcess } from './start-process';

export interface Supervised {
  /** Of the process that runs now, or ran last. */
  pid(): number;
  /** Whether the one that runs now is at work. */
  isReady(): boolean;
  /** How often it ended without being asked to. */
  deaths(): number;
  /** Sends a signal; if it ends by it, it is started again. */
  kill(signal: NodeJS.Signals): void;
  /** Stops it gently and starts it again. */
  restart(): Promise<void>;
  /** Stops it for good. */
  stop(): Promise<void>;
}

/** A process that was killed is back at once; one that cannot start does not eat the machine. */
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5_000;
/** After running this long, a death is a new trouble and not the old one again. */
const STEADY_MS = 10_000;

/** Keeps a worker or a gateway running: whenever it ends unasked, by a crash or by kill -9, it is started again. */
export function supervise(options: ProcessOptions, report: Report): Supervised {
  let current = start();
  let delayMs = FIRST_DELAY_MS;
  let deaths = 0;
  const stopping = new AbortController();
  const stopped = once(stopping.signal, 'abort');
  let asked = false;

  function start(): StartedProcess & { readonly since: number } {
    return { ...startProcess(options), since: performance.now() };
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { code, signal } = await current.ended;
      if (stopping.signal.aborted) return;
      if (!asked) {
        deaths += 1;
        if (performance.now() - current.since > STEADY_MS) delayMs = FIRST_DELAY_MS;
        report(
          `The ${options.name} ended (${signal ?? `exit code ${String(code)}`}); starting it again. Its log: ${options.logPath}`,
        );
        await Promise.race([sleep(delayMs, undefined, { ref: false }), stopped]);
        if (stopping.signal.aborted) return;
        delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
      }
      asked = false;
      current = start();
    }
  }

  const watching = watch();
  return {
    pid: () => current.pid,
    isReady: () => current.isReady() && !current.hasEnded(),
    deaths: () => deaths,
    kill: (signal) => {
      current.kill(signal);
    },
    async restart() {
      const { pid } = current;
      asked = true;
      await current.stop();
      while (current.pid === pid) await sleep(10);
    },
    async stop() {
      stopping.abort();
      await current.stop();
      await watching;
    },
  };
}
