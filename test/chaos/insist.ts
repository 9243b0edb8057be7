import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Sends a request until it is answered by anything but «not now»: a gateway may have died with it, and the same key or the same vote stands for
 * the same thing.
 */
export async function insist<T extends { readonly status: number }>(
  send: () => Promise<T>,
  withinMs: number,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      const answer = await send();
      if (answer.status < 500 && answer.status !== 429) return answer;
      if (performance.now() > deadline) throw new Error(`still answered with ${String(answer.status)}`);
    } catch (error) {
      // What fetch says of a connection that ended.
      if (!(error instanceof TypeError || error instanceof SyntaxError) || performance.now() > deadline) throw error;
    }
    await sleep(200);
  }
}
