import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type NaiveWorkerSettings } from './naive-worker';
import { SETTINGS_VARIABLE, type WorkerPlace } from './run-worker';
import { type ShapesWorkerSettings } from './shapes-worker';
import { type BenchStack } from './with-bench-stack';

export const SHAPES_QUEUE = 'bench';

/** Runs `body` while a worker for the shapes is up. */
export async function withShapesWorker<T>(bench: BenchStack, body: () => Promise<T>): Promise<T> {
  const settings: ShapesWorkerSettings = { ...placeOf(bench), taskQueue: SHAPES_QUEUE };
  return await withWorker('shapes-worker.js', settings, body);
}

/** Runs `body` while the stack's actions are run in the naive form. The stack's own worker must be of the role `effects`. */
export async function withNaiveWorker<T>(bench: BenchStack, body: () => Promise<T>): Promise<T> {
  const { home, bundlePath, databaseUrls } = bench;
  const settings: NaiveWorkerSettings = {
    ...{ ...placeOf(bench), home, bundlePath },
    databaseUrl: databaseUrls.worker,
  };
  return await withWorker('naive-worker.js', settings, body);
}

function placeOf({ stack, target, codecKeysPath }: BenchStack): WorkerPlace {
  return { address: stack.temporalAddress, namespace: stack.namespace, codecKeysPath, targetUrl: target.url };
}

async function withWorker<T>(main: string, settings: WorkerPlace, body: () => Promise<T>): Promise<T> {
  const child = fork(join(__dirname, main), [], {
    env: { ...process.env, [SETTINGS_VARIABLE]: JSON.stringify(settings) }, // arguments are shown to everybody, and a password is among these
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  try {
    await Promise.race([
      once(child, 'message'),
      ended.then(() => Promise.reject(new Error('The worker of the bench ended before it was ready.'))),
    ]);
    return await body();
  } finally {
    if (child.connected) child.disconnect();
    await ended;
  }
}
