/** Resolves when one of these has, or after `ms`. Rejects where the first of them does. */
export async function within(ms: number, ...works: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await Promise.race([...works, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
