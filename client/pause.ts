import { setTimeout as sleep } from 'node:timers/promises';

/** Sleeps until it is time, or the signal says otherwise. @throws the reason of the signal */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
