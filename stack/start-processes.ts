import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUndoList } from './create-undo-list';
import { type Report } from './report';
import { type Parts, stackSettings } from './stack-settings';
import { mainOf } from './start-process';
import { type Supervised, supervise } from './supervise';
import { waitUntil } from './wait-until';

export interface RunningProcesses {
  readonly worker: Supervised;
  readonly gateway: Supervised;
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  readonly logDirectory: string;
  stop(): Promise<void>;
}

/** A process that dies this often while starting will not start. */
const MAX_DEATHS = 3;
const READY_WITHIN_MS = 60_000;

/** Starts the worker and the gateway, and waits until both are at work. */
export async function startProcesses(parts: Parts, report: Report, signal?: AbortSignal): Promise<RunningProcesses> {
  const logDirectory = join(parts.config.home, 'logs');
  mkdirSync(logDirectory, { recursive: true, mode: 0o700 });
  const logPath = (name: string): string => join(logDirectory, `${name}.log`);
  const started = createUndoList();
  const start = (name: 'worker' | 'gateway'): Supervised => {
    const options = { name, main: mainOf(name), env: stackSettings(name, parts), logPath: logPath(name) };
    const process = supervise(options, report);
    started.add(() => process.stop());
    return process;
  };
  const worker = start('worker');
  const gateway = start('gateway');
  const gatewayUrl = `http://127.0.0.1:${String(parts.port)}`;
  const adminUrl = `http://127.0.0.1:${String(parts.adminPort)}`;

  const givenUp = (name: 'worker' | 'gateway', process: Supervised) => (): string | undefined => {
    signal?.throwIfAborted();
    if (process.deaths() < MAX_DEATHS) return undefined;
    return `The ${name} does not start. The end of its log (${logPath(name)}):\n${readFileSync(logPath(name), 'utf8').slice(-2_000)}`;
  };
  const ready = (
    name: 'worker' | 'gateway',
    process: Supervised,
    holds: () => boolean | Promise<boolean>,
  ): Promise<void> =>
    waitUntil(holds, {
      what: `The ${name} was not ready (see ${logPath(name)})`,
      withinMs: READY_WITHIN_MS,
      givenUp: givenUp(name, process),
    });
  try {
    await ready('worker', worker, () => worker.isReady());
    await ready('gateway', gateway, () => answersReady(gatewayUrl));
  } catch (error) {
    await started.undoAll();
    throw error;
  }
  return { worker, gateway, gatewayUrl, adminUrl, logDirectory, stop: () => started.undoAll() };
}

async function answersReady(gatewayUrl: string): Promise<boolean> {
  try {
    return (await fetch(`${gatewayUrl}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch (error) {
    // Not listening yet (fetch calls that a TypeError), or too busy to answer.
    if (['TypeError', 'TimeoutError'].includes((error as Error).name)) return false;
    throw error;
  }
}
