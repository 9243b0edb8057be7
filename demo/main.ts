import { NOBODY } from './audience';
import { createNarrator } from './narrator';
import { reckoningTable } from './reckoning/table';
import { runDemo } from './run-demo';
import { createTerminalAudience } from './terminal-audience';

/**
 * `npm run demo [-- --json] [--keep]`. At a terminal it asks whoever sits there now and then. Exit code 1: what the targets saw and what the
 * ledger proves differ. 130: it was interrupted.
 */
async function main(): Promise<void> {
  const json = process.argv.slice(2).includes('--json');
  const keep = process.argv.slice(2).includes('--keep');
  const interrupted = new AbortController();
  const { signal } = interrupted;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // Whoever asks twice does not want to wait; the stack's processes end with this one.
      if (signal.aborted) process.exit(130);
      interrupted.abort(new Error(`Stopped by ${name}.`));
    });
  }
  const terminal = !json && process.stdin.isTTY && process.stderr.isTTY;
  const audience = terminal ? createTerminalAudience({ input: process.stdin, output: process.stderr }, signal) : NOBODY;
  let verdict: 0 | 1 | undefined;
  try {
    await runDemo({
      tell: createNarrator(),
      audience,
      signal,
      present: async (reckoning, addresses) => {
        const out = json ? process.stderr : process.stdout;
        out.write(reckoningTable(reckoning, out));
        if (json) process.stdout.write(`${JSON.stringify(reckoning.tally)}\n`);
        verdict = reckoning.differences.length === 0 ? 0 : 1;
        if (!keep) return;
        const lines = Object.entries(addresses).map(([what, where]) => `  ${what.padEnd(12)} ${where}`);
        process.stderr.write(`\nAll of it goes on running, until Ctrl-C:\n${lines.join('\n')}\n`);
        await ended(signal);
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    process.stderr.write('Stopped; nothing keeps running.\n');
  }
  process.exitCode = verdict ?? 130;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
