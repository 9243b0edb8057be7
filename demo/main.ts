import { createNarrator } from './narrator';
import { reckoningTable } from './reckoning/table';
import { runDemo } from './run-demo';

/** `npm run demo [-- --json]`. Exit code 1: what the services saw and what the ledger proves differ. 130: it was interrupted. */
async function main(): Promise<void> {
  const json = process.argv.slice(2).includes('--json');
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Whoever asks twice does not want to wait; the stack's processes end with this one.
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort(new Error(`Stopped by ${signal}.`));
    });
  }
  const tell = createNarrator();
  try {
    const reckoning = await runDemo(tell, interrupted.signal);
    const out = json ? process.stderr : process.stdout;
    out.write(reckoningTable(reckoning, out));
    if (json) process.stdout.write(`${JSON.stringify(reckoning.tally)}\n`);
    process.exitCode = reckoning.differences.length === 0 ? 0 : 1;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.stderr.write('Stopped; nothing keeps running.\n');
    process.exitCode = 130;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
