/** What is left open by then was forgotten; a run that never ends would tell nobody. */
const END_WITHIN_MS = 10_000;

export default async function globalTeardown(): Promise<void> {
  await globalThis.stopTestServers?.();
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(
      `test servers: a test left something open that keeps this process alive (${open}); ending it\n`,
    );
    process.exit(1);
  }, END_WITHIN_MS).unref();
}
