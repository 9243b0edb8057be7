import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { processMark } from '../../stack/process-mark';
import { type Supervised, supervise } from '../../stack/supervise';
import { waitUntil } from '../../stack/wait-until';
import { temporaryDirectory } from '../helpers/temporary-directory';

let directory: string;
let supervised: Supervised | undefined;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(async () => {
  await supervised?.stop();
  supervised = undefined;
});

const options = (code: string): Parameters<typeof supervise>[0] => {
  const main = join(directory, 'main.cjs');
  writeFileSync(main, code);
  return {
    name: 'worker',
    main,
    env: { set: { WORD: 'hello' }, hide: ['HOME'] },
    logPath: join(directory, 'worker.log'),
  };
};
const log = (): string => readFileSync(join(directory, 'worker.log'), 'utf8');
const printed = (text: string, withinMs = 5_000): Promise<void> =>
  waitUntil(() => log().includes(text), { what: `«${text}» was not printed`, withinMs });

const POLITE = `process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(0); });
setInterval(() => {}, 1000);
console.log('up', process.env.WORD, process.env.HOME);`;

test('a process that is killed with -9 is back within a second', async () => {
  supervised = supervise(options(POLITE), () => undefined);
  const { pid } = supervised;
  const first = pid();
  await printed('up hello undefined');
  supervised.kill('SIGKILL');
  await waitUntil(() => pid() !== first && processMark(pid()) !== undefined, {
    what: 'It did not come back',
    withinMs: 1_000,
  });
  expect(processMark(first)).toBeUndefined();
});

test('a process that cannot start is tried less and less often', async () => {
  const said: string[] = [];
  supervised = supervise(options('process.exit(3)'), (line) => said.push(line));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(said.length).toBeGreaterThanOrEqual(2);
  expect(said.length).toBeLessThanOrEqual(5);
  expect(said[0]).toContain('The worker ended (exit code 3)');
});

test('stopping asks first, and starts nothing again', async () => {
  supervised = supervise(options(POLITE), () => undefined);
  await printed('up');
  const pid = supervised.pid();
  await supervised.stop();
  expect(log()).toContain('asked to stop');
  expect(processMark(pid)).toBeUndefined();
  expect(supervised.deaths()).toBe(0);
});

test('restarting is not a death', async () => {
  supervised = supervise(options(POLITE), () => undefined);
  await printed('up');
  const first = supervised.pid();
  await supervised.restart();
  expect(supervised.pid()).not.toBe(first);
  expect(supervised.deaths()).toBe(0);
});

test('the children of a supervisor that was killed with -9 end by themselves', async () => {
  const script = join(directory, 'supervisor.cjs');
  writeFileSync(
    script,
    `const { supervise } = require(${JSON.stringify(join(packageRoot(), 'dist/stack/supervise'))});
     process.send(supervise(${JSON.stringify(options(POLITE))}, () => {}).pid());`,
  );
  const supervisor = fork(script);
  const [pid] = (await once(supervisor, 'message')) as [number];
  await printed('up');
  supervisor.kill('SIGKILL');
  await waitUntil(() => processMark(pid) === undefined, { what: 'The child outlived its supervisor', withinMs: 5_000 });
  expect(log()).toContain('asked to stop');
});
