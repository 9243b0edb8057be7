import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { packageRoot } from '../../config/paths';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../stack/embedded-postgres';
import { processMark } from '../../stack/process-mark';
import { waitUntil } from '../../stack/wait-until';
import { temporaryDirectory } from '../helpers/temporary-directory';

let directory: string;

beforeEach(() => {
  directory = temporaryDirectory();
});

const start = (): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ directory, report: () => undefined, durable: false });

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

test('a server started again has the same data, port and password', async () => {
  const first = await start();
  await query(first.superuserUrl, 'create table kept as select 1 as n');
  await first.stop();
  expect(processMark(first.pid)).toBeUndefined();

  const second = await start();
  try {
    expect(second.superuserUrl).toBe(first.superuserUrl);
    expect(await query(second.superuserUrl, 'select n from kept')).toEqual([1]);
  } finally {
    await second.stop();
  }
});

test('a committed row survives kill -9 of the server', async () => {
  const first = await start();
  await query(first.superuserUrl, 'create table kept as select 1 as n');
  process.kill(first.pid, 'SIGKILL');
  await first.ended;

  const second = await start();
  try {
    expect(await query(second.superuserUrl, 'select n from kept')).toEqual([1]);
  } finally {
    await second.stop();
  }
});

test('a server ends with its owner, even when that is killed with -9, and the next start goes on', async () => {
  const owner = join(directory, 'owner.cjs');
  writeFileSync(
    owner,
    `require(${JSON.stringify(join(packageRoot(), 'dist/stack/embedded-postgres'))})
       .startEmbeddedPostgres({ directory: ${JSON.stringify(directory)}, report() {}, durable: false })
       .then(({ pid, superuserUrl }) => process.send({ pid, superuserUrl }));`,
  );
  const parent = fork(owner);
  const [{ pid, superuserUrl }] = (await once(parent, 'message')) as [{ pid: number; superuserUrl: string }];
  await query(superuserUrl, 'create table kept as select 1 as n');
  parent.kill('SIGKILL');
  await waitUntil(() => processMark(pid) === undefined, { what: 'The server outlived its owner', withinMs: 10_000 });

  const next = await start();
  try {
    expect(await query(next.superuserUrl, 'select n from kept')).toEqual([1]);
  } finally {
    await next.stop();
  }
});

test('a server that still runs on the directory is stopped first, never joined by a second', async () => {
  const first = await start();
  const second = await start();
  try {
    await first.ended;
    expect(processMark(first.pid)).toBeUndefined();
    expect(await query(second.superuserUrl, 'select 1')).toEqual([1]);
  } finally {
    await second.stop();
  }
});

test('nobody else can read its password, and it listens on loopback alone', async () => {
  const server = await startEmbeddedPostgres({ directory, report: () => undefined });
  try {
    expect(statSync(join(directory, 'server.json')).mode & 0o077).toBe(0);
    expect(await query(server.superuserUrl, 'show listen_addresses')).toEqual(['127.0.0.1']);
    expect(await query(server.superuserUrl, 'show fsync')).toEqual(['on']);
    expect(await query(server.superuserUrl, 'show password_encryption')).toEqual(['scram-sha-256']);
  } finally {
    await server.stop();
  }
});
