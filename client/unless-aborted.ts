/** What is being waited for, unless the signal ends the waiting first; it goes on for whoever else waits. @throws the reason of the signal */
export async function unlessAborted<T>(waited: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await waited;
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true, signal: over.signal });
  });
  try {
    return await Promise.race([waited, aborted]);
  } finally {
    over.abort();
  }
}
