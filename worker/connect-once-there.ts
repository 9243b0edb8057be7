import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, type NativeConnectionOptions, TransportError } from '@temporalio/worker';
import { type Logger } from 'pino';

/** A server that starts is there within seconds, and one that is away for hours is not asked more often than this. */
const WAIT_MS = { first: 500, most: 10_000 };

/** Connects to Temporal, however long that is away. Undefined: this process was told to end before. */
export async function connectOnceThere(
  options: NativeConnectionOptions,
  stopping: AbortSignal,
  log: Pick<Logger, 'warn'>,
): Promise<NativeConnection | undefined> {
  // A server that takes the line and says nothing keeps one try for half a minute: nobody who ends waits for that.
  const stopped = stopping.aborted ? Promise.resolve([]) : once(stopping, 'abort');
  for (let waitMs = WAIT_MS.first; !stopping.aborted; waitMs = Math.min(2 * waitMs, WAIT_MS.most)) {
    const tried = NativeConnection.connect(options).catch((error: unknown) => {
      if (!(error instanceof TransportError)) throw error;
      log.warn({ err: error, waitMs }, 'Temporal does not answer; this worker waits for it');
    });
    const connection = await Promise.race([tried, stopped.then(() => undefined)]);
    if (connection instanceof NativeConnection) return connection;
    await Promise.race([sleep(waitMs, undefined, { ref: false }), stopped]);
  }
  return undefined;
}
