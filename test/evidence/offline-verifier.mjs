// Runs a copy of evidence/verify-ledger.mjs again and again in one thread, each time as if it had been called: a process for each takes fifty times as
// long. Messages: `{ script, args }`, answered by `{ stdout, stderr, exitCode }`.
import { parentPort } from 'node:worker_threads';
import { setImmediate } from 'node:timers/promises';

let calls = 0;
parentPort.on('message', async ({ script, args }) => {
  const [out, err] = [[], []];
  process.argv = [process.execPath, script, ...args];
  process.stdout.write = (text) => void out.push(text);
  process.stderr.write = (text) => void err.push(text);
  process.exitCode = undefined;
  calls += 1;
  await import(`${script}?${calls}`);
  // It sets the exit code last, whatever happens.
  while (process.exitCode === undefined) await setImmediate();
  parentPort.postMessage({ stdout: out.join(''), stderr: err.join(''), exitCode: process.exitCode });
});
