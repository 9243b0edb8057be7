import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type BenchStack } from './with-bench-stack';
import { type ShapesWorkerSettings } from './shapes-worker';

export const SHAPES_QUEUE = 'bench';

/** Runs `body` while a worker for the shapes is up. */
export async function withShapesWorker<T>(
  { stack: { temporalAddress: address, namespace }, target, codecKeysPath }: BenchStack,
  body: () => Promise<T>,
): Promise<T> {
  const settings: ShapesWorkerSettings = {
    ...{ address, namespace, codecKeysPath },
    targetUrl: target.url,
    taskQueue: SHAPES_QUEUE,
  };
  const child = fork(join(__dirname, 'shapes-worker.js'), [JSON.stringify(settings)], {
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
