import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Pool } from 'pg';
import { packageRoot } from '../../config/paths';
import { readConfig } from '../../config/read-config';
import { processMark } from '../../stack/process-mark';
import { publishedAddresses } from '../../stack/published-addresses';
import { type RunningStack, startStack } from '../../stack/start-stack';
import { HomeInUseError } from '../../stack/take-home';
import { waitUntil } from '../../stack/wait-until';
import { processesOfHome } from '../helpers/processes-of-home';
import { temporaryDirectory } from '../helpers/temporary-directory';
import { MAY } from '../db/may';
import { tryRights } from '../helpers/try-rights';

let home: string;
let stack: RunningStack;
const said: string[] = [];

const start = (): Promise<RunningStack> =>
  startStack({
    config: readConfig({
      PATH: process.env['PATH'],
      COUNTERSIGN_HOME: home,
      COUNTERSIGN_PORT: '0',
      COUNTERSIGN_ADMIN_PORT: '0',
    }),
    report: (line) => void said.push(line),
  });

beforeAll(async () => {
  home = temporaryDirectory();
  stack = await start();
});
afterAll(() => stack.stop());

async function query(sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: stack.databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('everything that it names answers', async () => {
  expect((await fetch(`${stack.gatewayUrl}/livez`)).status).toBe(200);
  expect((await fetch(`${stack.adminUrl}/livez`)).status).toBe(200);
  expect((await fetch(stack.temporalUiUrl ?? '')).status).toBe(200);
  const catalogue = await fetch(`${stack.gatewayUrl}/v1/catalogue`, {
    headers: { authorization: `Bearer ${stack.agentKey}` },
  });
  expect(catalogue.status).toBe(200);
});

test('it says where it listens, to its owner alone', () => {
  expect(publishedAddresses(home)).toEqual({
    gateway: stack.gatewayUrl,
    admin: stack.adminUrl,
    databaseUrl: stack.databaseUrl,
    temporalUi: stack.temporalUiUrl,
    temporal: { address: stack.temporalAddress, namespace: stack.namespace },
    bundle: join(home, 'bundle.json'),
  });
  expect(statSync(join(home, 'stack.json')).mode & 0o777).toBe(0o600);
});

test('countersign doctor finds it by its home alone, and nothing wrong with it', async () => {
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  const env = { PATH: process.env['PATH'], COUNTERSIGN_HOME: home };
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'doctor', '--json'], { env });
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: { check: string; state: string }[] };
  expect(ok).toBe(true);
  const off = findings.filter(({ state }) => state === 'off').map(({ check }) => check);
  expect(off).toEqual(['Slack', 'mail']);
});

test('the database URL that it hands out can read every tenant and write nothing', async () => {
  expect(await query(`select tenant from tenants where tenant = 'demo'`)).toEqual([{ tenant: 'demo' }]);
  await expect(query(`insert into tenants (tenant, name) values ('x', 'x')`)).rejects.toThrow(/read-only transaction/);
  await expect(query(`begin read write; insert into tenants (tenant, name) values ('x', 'x')`)).rejects.toThrow(
    /permission denied/,
  );
});

test('I7 that URL may write no table at all, and call nothing that could, however its transaction begins', async () => {
  const pool = new Pool({ connectionString: stack.databaseUrl, max: 1 });
  try {
    const { select, execute, ...writes } = await tryRights(pool);
    expect(writes).toEqual({ insert: [], update: [], delete: [], truncate: [] });
    expect(execute).toEqual([...(MAY.auditor.execute ?? [])].sort());
    expect(select).not.toHaveLength(0);
  } finally {
    await pool.end();
  }
});

test('one home serves one stack at a time', async () => {
  await expect(start()).rejects.toBeInstanceOf(HomeInUseError);
});

test('a worker that is killed with -9 is back within a second', async () => {
  const first = stack.workerPid();
  stack.killWorker('SIGKILL');
  await waitUntil(() => stack.workerPid() !== first && processMark(stack.workerPid()) !== undefined, {
    what: 'The worker did not come back',
    withinMs: 1_000,
  });
});

test('each process is told the connections of its own roles and no others', () => {
  const environment = readFileSync(`/proc/${String(stack.workerPid())}/environ`, 'utf8').split('\0');
  const urls = environment.filter((entry) => entry.startsWith('DATABASE_URL')).map((entry) => entry.split('=')[0]);
  expect(urls.sort()).toEqual(['DATABASE_URL_LOOPS', 'DATABASE_URL_WORKER']);
});

test('stopping leaves no process, and the next start goes on where it was', async () => {
  const before = stack;
  await stack.stop();
  expect(processesOfHome(home)).toEqual([]);
  expect(publishedAddresses(home)).toBeUndefined();

  stack = await start();
  expect(stack).toMatchObject({
    agentKey: before.agentKey,
    people: before.people,
    temporalAddress: before.temporalAddress,
    temporalUiUrl: before.temporalUiUrl,
  });
  expect(await query('select count(*)::int as bundles from bundles')).toEqual([{ bundles: 1 }]);
});
