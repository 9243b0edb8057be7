import { connect } from 'node:net';
import { Client } from 'pg';
import { pause } from '../../client/pause';
import { type Harness, type Reply, startHarness } from './harness';

let h: Harness;
beforeAll(async () => (h = await startHarness()));
afterAll(() => h.stop());

/** Holds what all requests of one agent wait for, as a ledger does that is slow, while `work` runs. */
async function whileHeld(lock: string, work: () => Promise<void>): Promise<void> {
  const holder = new Client({ connectionString: h.database.superuserUrl });
  await holder.connect();
  try {
    await holder.query(`select pg_advisory_lock(hashtextextended('countersign/' || $1::text, 0))`, [lock]);
    await work();
  } finally {
    await holder.end();
  }
}

/** Connections that wait at a lock of some agent's. */
const waiting = async (): Promise<number> => {
  const { rows } = await h.superuser.query<{ n: number }>(
    `select count(*)::integer as n from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows[0]?.n ?? 0;
};
const untilWaiting = async (): Promise<void> => {
  while ((await waiting()) < 2) await pause(20);
};

test('an agent whose requests wait for each other leaves room for stops, votes and other tenants', async () => {
  let flood: Promise<Reply[]> | undefined;
  await whileHeld('intake/acme/agent', async () => {
    flood = Promise.all(Array.from({ length: 60 }, () => h.act()));
    await untilWaiting();
    await pause(300); // whoever will take a connection has it by now
    const replies = await Promise.all([
      h.request('GET', '/v1/approvals', { as: 'bob' }),
      h.act({ as: 'other-agent' }),
      h.act({ as: 'foreign-agent' }),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([200, 202, 202]);
    const json = { scope: 'agent:other-agent', reason: 'It floods, too.' };
    expect((await h.request('POST', '/v1/admin/stops', { as: 'max', json })).status).toBe(200);
    expect(await waiting()).toBe(2);
  });
  expect((await flood)?.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 202));
});

test('of an agent that goes on asking while nothing is taken, no more wait than can be kept', async () => {
  let flood: Promise<Reply[]> | undefined;
  const refused: Reply[] = [];
  await whileHeld('intake/rival/agent', async () => {
    const act = async (): Promise<Reply> => {
      const reply = await h.act({ as: 'foreign-agent' });
      if (reply.body.code === 'agent_busy') refused.push(reply);
      return reply;
    };
    flood = Promise.all(Array.from({ length: 210 }, act));
    while (refused.length < 8) await pause(20);
  });
  await flood;
  expect(refused.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual(
    Array.from({ length: 8 }, () => [429, '2']),
  );
});

test.each(['pause', 'quarantine'])(
  'what waits while somebody stops the agent (%s) is not taken any more',
  async (move) => {
    const count = async (): Promise<unknown> =>
      (await h.superuser.query(`select count(*)::integer as n from actions where agent = 'other-agent'`)).rows;
    await h.superuser.query(`update agents set state = 'active' where tenant = 'acme' and agent = 'other-agent'`);
    await h.superuser.query(`update fences set closed = false where scope = 'agent:other-agent'`);
    await h.deps.stops.hear();
    const before = await count();
    let flood: Promise<Reply[]> | undefined;
    await whileHeld('intake/acme/other-agent', async () => {
      flood = Promise.all(Array.from({ length: 8 }, () => h.act({ as: 'other-agent' })));
      await untilWaiting();
      const json = { do: move, reason: 'It floods.' };
      expect((await h.request('POST', '/v1/admin/agents/other-agent/moves', { as: 'max', json })).status).toBe(200);
    });
    expect((await flood)?.map(({ body }) => body.code as string)).toEqual(
      Array.from({ length: 8 }, () => 'agent_not_active'),
    );
    expect(await count()).toEqual(before);
  },
);

test('a caller who goes away in the middle of a body is no failure of ours, in the log or in the numbers', async () => {
  const { port } = new URL(h.url);
  for (const path of ['/v1/token', '/v1/agents/enrol']) {
    const before = h.log.length;
    const stranger = connect(Number(port), '127.0.0.1');
    stranger.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n`);
    stranger.write('content-length: 500\r\n\r\n{"assertion":', () => setTimeout(() => stranger.destroy(), 100));
    while (h.log.length === before) await pause(20);
    await pause(100);
    expect(h.log.slice(before).map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ level: 30, route: path, status: 400 }),
    ]);
  }
});

test('what describes the API is written once, however often strangers ask for it', async () => {
  const written = jest.spyOn(JSON, 'stringify');
  for (let times = 0; times < 3; times += 1) expect((await fetch(`${h.url}/openapi.json`)).status).toBe(200);
  const documents = written.mock.calls.filter(([value]) => (value as { openapi?: string } | null)?.openapi === '3.1.0');
  written.mockRestore();
  expect(documents).toHaveLength(1);
});
