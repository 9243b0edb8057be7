import { setTimeout as sleep } from 'node:timers/promises';

export interface Wait {
  /** Ends the sentence «… was not ready within 30 s». */
  readonly what: string;
  readonly withinMs: number;
  /** Something that makes waiting pointless, as a sentence. */
  readonly givenUp?: () => string | undefined;
}

/** Asks again and again until the answer is true. */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  { what, withinMs, givenUp }: Wait,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    const reason = givenUp?.();
    if (reason !== undefined) throw new Error(reason);
    if (performance.now() > deadline) throw new Error(`${what} within ${String(withinMs / 1000)} s.`);
    await sleep(25);
  }
}
