import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type Pool } from 'pg';
import { type TouchingDeps } from '../../activities/deps';
import { createEndGrant } from '../../activities/end-grant';
import { createPool } from '../../db/pool';
import * as queries from '../../db/queries';
import { transactionsOf } from '../../db/transactions-of';
import { createReapGrants } from '../../loops/reap-grants';
import { type Catalogue } from '../../domain/documents';
import { type Pdp } from '../../pdp/create-pdp';
import { createPostgresProvider } from '../../providers/postgres/create-postgres-provider';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf, fetchHistories } from '../helpers/histories';
import { type Lending, startLending } from '../helpers/lending';
import { ended } from '../helpers/pay';
import { logDirectory } from '../helpers/processes';
import { untilHeard } from '../helpers/until-heard';
import { waitUntil } from '../../stack/wait-until';
import { testServers } from '../setup/servers';

let lending: Lending;
beforeAll(async () => (lending = await startLending()), 60_000);
afterEach(async () => await lending.hangUp());
afterAll(async () => await lending.stop());

describe('access of an agent’s own, interrupted', () => {
  it('X54 ends though its worker was killed and its workflow terminated: the reaper needs neither', async () => {
    const handle = await lending.ask('books.glance');
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    process.kill(lending.spine.worker().pid, 'SIGKILL');
    const client = await clientOf(lending.spine);
    await client.workflow.getHandle(`action/demo/${handle.id}`).terminate('an operator pressed the button');
    await client.connection.close();
    await lending.spine.startWorker();
    await lending.expectDead(credential, session, 20_000);
    // What was terminated is started again by its wake-up, and goes on from the rows.
    expect(await ended(lending.spine, handle.id)).toMatchObject({
      kind: 'expired',
      reasons: [{ code: 'grant_lapsed' }],
    });
  }, 60_000);

  it('X54 ends with Temporal and every worker away: the reaper needs Postgres and the target alone', async () => {
    const handle = await lending.ask();
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    await lending.spine.worker().stop();
    expect((await handle.complete({ result: { rows: 3 } }, { waitMs: 0 })).kind).toBe('pending');
    const { spine, books } = lending;
    const pools = [spine.database.loopsUrl, spine.database.workerUrl].map((url) => createPool(url, () => undefined));
    const [loops, worker] = pools as [Pool, Pool];
    const settings = { addresses: {}, secret: () => books.minterPassword, production: false, onLost: () => undefined };
    const postgres = createPostgresProvider(settings);
    const endGrant = createEndGrant({
      db: { ...queries, ...transactionsOf(worker) },
      // The bundle that is in force by now knows nothing of the database.
      pdp: () => ({ bundle: { digest: 'a newer one' }, catalogue: { targets: {} } }) as unknown as Pdp,
      catalogueOf: () => Promise.resolve({ targets: { books: books.target } } as unknown as Catalogue),
      providers: { postgres } as unknown as TouchingDeps['providers'],
    });
    expect(await createReapGrants(loops, endGrant)()).toBe(true);
    await lending.expectDead(credential, session, 0);
    await Promise.all([...pools.map(async (pool) => await pool.end()), postgres.close()]);
    await spine.startWorker();
    expect(await ended(spine, handle.id)).toMatchObject({
      kind: 'executed',
      result: { look: { reportedByAgent: { rows: 3 } } },
    });
  }, 60_000);

  it.each([
    'mintAccess.begin:after-commit',
    'issue:after-external',
    'endGrant:after-commit',
    'openAccess:before-return',
  ])(
    'W1 goes on after a worker was killed at %s, and hands out what works',
    async (point) => {
      const worker = await lending.spine.startWorker(`${point}=kill`);
      const release = lending.spine.keepWorker();
      const handle = await lending.ask();
      const credential = await lending.claim(handle);
      const session = await lending.login(credential);
      expect((await handle.complete()).kind).toBe('executed');
      expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
      release();
      await lending.expectDead(credential, session);
    },
    90_000,
  );

  it('X56 ends, and its action with it, in a workflow that is cancelled by hand while the ending fails', async () => {
    const handle = await lending.ask();
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    const elsewhere = new Client({ connectionString: testServers().superuserUrl });
    await elsewhere.connect();
    const client = await clientOf(lending.spine);
    try {
      // A role that owns something in another database cannot be dropped.
      await elsewhere.query(`create table left_by_${credential.user} ()`);
      await elsewhere.query(`alter table left_by_${credential.user} owner to ${credential.user}`);
      expect((await handle.complete({}, { waitMs: 0 })).kind).toBe('pending');
      const failed = async (): Promise<boolean> =>
        (await lending.spine.auditor.query('select from grants where action = $1 and revoke_attempts > 0', [handle.id]))
          .rowCount === 1;
      await waitUntil(failed, { what: 'The ending did not fail', withinMs: 20_000 });
      const run = client.workflow.getHandle(`action/demo/${handle.id}`);
      const { runId } = await run.describe();
      await run.cancel();
      await untilHeard(run);
      await elsewhere.query(`drop table left_by_${credential.user}`);
      expect(await ended(lending.spine, handle.id, 90_000)).toMatchObject({ kind: 'executed' });
      await lending.expectDead(credential, session);
      const over = async (): Promise<boolean> => (await run.describe()).status.name !== 'RUNNING';
      await waitUntil(over, { what: 'The workflow did not end', withinMs: 20_000 });
      const { status, runId: last } = await run.describe();
      expect([status.name, last]).toEqual(['COMPLETED', runId]);
    } finally {
      await elsewhere.query(`drop table if exists left_by_${credential.user}`);
      await elsewhere.end();
      await client.connection.close();
    }
  }, 150_000);

  it('G6 X58 has left no password in histories, logs or the database', async () => {
    expect(lending.passwords.length).toBeGreaterThan(3);
    const tables = await lending.spine.auditor.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' and has_table_privilege(oid, 'select')`,
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const { rows: texts } = await lending.spine.auditor.query<{ text: string }>(
        `select coalesce(string_agg(t::text, ''), '-') as text from ${name} t`,
      );
      rows.push(...texts.map(({ text }) => text));
    }
    const histories = await fetchHistories(lending.spine);
    const logs = readdirSync(logDirectory()).map((name) =>
      readFileSync(join(logDirectory(), name, 'output.log'), 'utf8'),
    );
    // A process that was killed early may have written nothing; all of them together have not.
    expect([rows, histories, logs].map((texts) => texts.length > 0)).toEqual([true, true, true]);
    expect(logs.join('')).not.toBe('');
    for (const text of [...rows, ...histories.map(({ raw, decoded }) => raw + decoded), ...logs]) {
      expect(text).not.toMatch(/SCRAM-SHA-256|eyJhbGciOiJFQ0RILUVT/);
      for (const password of [...lending.passwords, lending.books.minterPassword]) expect(text).not.toContain(password);
    }
  });

  it('leaves every invariant standing', async () => {
    expect(await checkInvariants({ ...lending.spine, books: lending.books })).toEqual([]);
  });
});
