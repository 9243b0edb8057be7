import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { LockHeldError, takeLock } from '../../stack/take-lock';
import { temporaryDirectory } from '../helpers/temporary-directory';

let directory: string;
let path: string;

beforeEach(() => {
  directory = temporaryDirectory();
  path = join(directory, 'lock');
});

/** Another process that takes the lock and holds it until it is killed. */
async function otherHolder(): Promise<ChildProcess> {
  const script = join(directory, 'holder.cjs');
  writeFileSync(
    script,
    `require(${JSON.stringify(join(packageRoot(), 'dist/stack/take-lock'))}).takeLock(${JSON.stringify(path)}).then(() => process.send('held'));
     setInterval(() => {}, 1000);`,
  );
  const child = fork(script);
  await once(child, 'message');
  return child;
}

test('one process holds it at a time, and the other is told who', async () => {
  const holder = await otherHolder();
  const refusal = await takeLock(path).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(LockHeldError);
  expect((refusal as LockHeldError).holder).toBe(String(holder.pid));
  holder.kill('SIGKILL');
  await once(holder, 'exit');
});

test('the lock of a process that was killed with -9 is taken over', async () => {
  const holder = await otherHolder();
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  (await takeLock(path)).release();
});

test('a living stranger with the number of the dead holder does not count as the holder', async () => {
  writeFileSync(path, `${String(process.ppid)}@0`);
  (await takeLock(path)).release();
});

test('who waits gets it when it is released, and says for whom it waits', async () => {
  const first = await takeLock(path);
  const waitedFor: string[] = [];
  const second = takeLock(path, { waitMs: 5_000, onWait: (holder) => waitedFor.push(holder) });
  await new Promise((resolve) => setTimeout(resolve, 150));
  first.release();
  (await second).release();
  expect(waitedFor).toEqual([String(process.pid)]);
});

test('of many that find a dead holder, one gets it', async () => {
  writeFileSync(path, '2147483646@0');
  const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(path)));
  expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});
