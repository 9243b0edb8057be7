import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { checkpointAll, type CheckpointDeps, writeCheckpoint } from '../../db/checkpoint';
import { readLedger } from '../../db/ledger-read';
import { openCheckpoint, originOf } from '../../evidence/checkpoint';
import { openChain, splitNotes } from '../../evidence/checkpoint-chain';
import { checkpointFile } from '../../evidence/checkpoint-file';
import { Frontier, leafHash } from '../../evidence/merkle';
import { waitUntil } from '../../stack/wait-until';
import { hostOf, over, startLine } from '../helpers/line';
import { createTestLog, entries, type TestLog } from './log';

let log: TestLog;
let deps: CheckpointDeps;
let number = 0;
let tenant: string;
beforeAll(async () => void (log = await createTestLog()));
beforeEach(async () => {
  tenant = `t${(number += 1)}`;
  deps = {
    ...log.checkpoints,
    directory: await mkdtemp(join(tmpdir(), 'countersign-checkpoints-')),
    memory: new Map(),
  };
});
afterEach(() => rm(deps.directory, { recursive: true, force: true }));
afterAll(() => log.close());

const fresh = (): CheckpointDeps => ({ ...deps, memory: new Map() });
const file = (): string => checkpointFile(deps.directory, tenant);
const notes = async (): Promise<readonly string[]> => splitNotes(await readFile(file(), 'utf8')).notes;
const rootNow = async (): Promise<Buffer> => {
  const frontier = new Frontier();
  for await (const { leaf } of readLedger(log.auditor, tenant)) frontier.append(leafHash(leaf));
  return frontier.root();
};

describe('writeCheckpoint', () => {
  test('signs the head, appends to the file, and copies into the database', async () => {
    expect(await writeCheckpoint(deps, tenant)).toEqual({ outcome: 'current', tenant, size: 0 });
    await log.ledger.append(tenant, entries('a', 3));
    expect(await writeCheckpoint(deps, tenant)).toEqual({ outcome: 'written', tenant, size: 3 });
    expect(await writeCheckpoint(deps, tenant)).toEqual({ outcome: 'current', tenant, size: 3 });
    await log.ledger.append(tenant, entries('b', 2));
    expect(await writeCheckpoint(fresh(), tenant)).toEqual({ outcome: 'written', tenant, size: 5 });
    await log.ledger.append(tenant, entries('c', 1));
    expect(await writeCheckpoint(deps, tenant)).toEqual({ outcome: 'written', tenant, size: 6 });

    const chain = openChain(await notes(), originOf(tenant), log.publicKey);
    expect(chain.findings).toEqual([]);
    expect(chain.checkpoints.map(({ size }) => size)).toEqual([3, 5, 6]);
    expect(chain.checkpoints.at(-1)?.root).toEqual(await rootNow());
    const { rows } = await log.auditor.query<{ note: string }>(
      'select note from checkpoints where tenant = $1 order by size',
      [tenant],
    );
    expect(rows.map((row) => row.note)).toEqual(await notes());
  });

  test('a process on a line that died keeps nobody from signing for long', async () => {
    const line = await startLine(hostOf(log.database.loopsUrl));
    const connectionString = over(line, log.database.loopsUrl);
    const pool = new Pool({ connectionString, max: 1, query_timeout: 3_000, application_name: 'on a dying line' });
    pool.on('error', () => undefined);
    const hasTheLock = async (): Promise<boolean> => {
      const of = `select from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and granted and application_name = $1`;
      return (await log.superuser.query(of, ['on a dying line'])).rowCount === 1;
    };
    await log.ledger.append(tenant, entries('a', 3));
    line.weather({ latencyMs: 100 });
    const cutOff = expect(writeCheckpoint({ ...fresh(), pool }, tenant)).rejects.toThrow('timeout');
    await waitUntil(hasTheLock, { what: 'The lock was not taken', withinMs: 5_000 });
    line.forget();
    expect(await writeCheckpoint(fresh(), tenant)).toEqual({ outcome: 'busy', tenant });
    await cutOff;
    const isFree = async (): Promise<boolean> => (await writeCheckpoint(fresh(), tenant)).outcome === 'written';
    await waitUntil(isFree, { what: 'The lock was not given up', withinMs: 20_000 });
    expect(openChain(await notes(), originOf(tenant), log.publicKey).findings).toEqual([]);
    await line.down();
    await pool.end();
  }, 40_000);

  test('a process that was frozen until others had signed writes nothing when it wakes up', async () => {
    const pool = new Pool({ connectionString: log.database.loopsUrl, max: 1, application_name: 'frozen' });
    pool.on('error', () => undefined);
    let thaw: () => void = () => undefined;
    let frozen = false;
    const thawed = new Promise<void>((resolve) => (thaw = resolve));
    // It has read the last page of the log, and is stopped before it goes on.
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const freezing = async (...args: unknown[]): Promise<unknown> => {
        const result = await query(...args);
        frozen = String(args[0]).includes('from ledger l');
        if (frozen) await thawed;
        return result;
      };
      client.query = freezing as typeof client.query;
    });
    await log.ledger.append(tenant, entries('a', 3));
    const woken = expect(writeCheckpoint({ ...fresh(), pool }, tenant)).rejects.toThrow('not queryable');
    await waitUntil(() => frozen, { what: 'It did not read the log', withinMs: 5_000 });
    expect(await writeCheckpoint(fresh(), tenant)).toEqual({ outcome: 'busy', tenant });
    // As Postgres does by itself with a transaction that is silent for too long.
    await log.superuser.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'frozen'`,
    );
    expect(await writeCheckpoint(fresh(), tenant)).toEqual({ outcome: 'written', tenant, size: 3 });
    thaw();
    await woken;
    const chain = openChain(await notes(), originOf(tenant), log.publicKey);
    expect([chain.findings, chain.checkpoints.length]).toEqual([[], 1]);
    await pool.end();
  });

  test('two processes at once write one chain', async () => {
    for (let round = 0; round < 5; round += 1) {
      await log.ledger.append(tenant, entries(`r${round}`, 2));
      const reports = await Promise.all([fresh(), fresh(), deps].map((each) => writeCheckpoint(each, tenant)));
      expect(reports.filter(({ outcome }) => outcome === 'written')).toHaveLength(1);
    }
    const chain = openChain(await notes(), originOf(tenant), log.publicKey);
    expect(chain.findings).toEqual([]);
    expect(chain.checkpoints).toHaveLength(5);
  });

  test('a note that was half written when the machine stopped is replaced', async () => {
    await log.ledger.append(tenant, entries('a', 1));
    await writeCheckpoint(deps, tenant);
    for (const cut of [1, 5, 40, 150, -1]) {
      await log.ledger.append(tenant, entries(`cut${cut}`, 1));
      const before = await readFile(file(), 'utf8');
      await writeFile(file(), before + before.slice(0, splitNotes(before).notes[0]?.length ?? 0).slice(0, cut));
      expect(await writeCheckpoint(fresh(), tenant)).toMatchObject({ outcome: 'written' });
    }
    expect(openChain(await notes(), originOf(tenant), log.publicKey)).toMatchObject({
      findings: [],
      checkpoints: { length: 6 },
    });
  });

  test('X72 a log that is shorter than what was signed is refused', async () => {
    await log.ledger.append(tenant, entries('a', 5));
    await writeCheckpoint(deps, tenant);
    await log.tamper(`delete from ledger where tenant = '${tenant}' and seq >= 3`);
    for (const each of [deps, fresh()])
      expect(await writeCheckpoint(each, tenant)).toMatchObject({ outcome: 'refused', code: 'ledger_truncated' });
    await log.tamper(`delete from ledger where tenant = '${tenant}'`);
    expect(await checkpointAll(fresh())).toContainEqual(
      expect.objectContaining({ tenant, outcome: 'refused', code: 'ledger_truncated' }),
    );
    expect(await notes()).toHaveLength(1);
  });

  test('X72 a log restored from a backup that has grown past the checkpoint is refused, with and without memory', async () => {
    await log.ledger.append(tenant, entries('a', 5));
    await writeCheckpoint(deps, tenant);
    await log.tamper(`delete from ledger where tenant = '${tenant}' and seq >= 3`);
    await log.ledger.append(tenant, entries('again', 7));
    for (const each of [deps, fresh()])
      expect(await writeCheckpoint(each, tenant)).toMatchObject({ outcome: 'refused', code: 'ledger_forked' });
    expect(await notes()).toHaveLength(1);
  });

  test('a gap is refused', async () => {
    await log.ledger.append(tenant, entries('a', 5));
    await log.tamper(`delete from ledger where tenant = '${tenant}' and seq = 2`);
    expect(await writeCheckpoint(deps, tenant)).toMatchObject({ outcome: 'refused', code: 'ledger_forked' });
  });

  test('X71 a rewritten entry is refused by a process that starts', async () => {
    await log.ledger.append(tenant, entries('a', 5));
    await writeCheckpoint(deps, tenant);
    await log.tamper(`update ledger set leaf = replace(leaf, 'allow', 'deny') where tenant = '${tenant}' and seq = 1`);
    await log.ledger.append(tenant, entries('b', 1));
    expect(await writeCheckpoint(fresh(), tenant)).toMatchObject({ outcome: 'refused', code: 'ledger_forked' });
  });

  test('a lost or shortened file, or a file signed by somebody else, is refused', async () => {
    await log.ledger.append(tenant, entries('a', 1));
    await writeCheckpoint(deps, tenant);
    const first = await readFile(file(), 'utf8');
    await log.ledger.append(tenant, entries('b', 1));
    await writeCheckpoint(deps, tenant);
    const whole = await readFile(file(), 'utf8');
    await log.ledger.append(tenant, entries('c', 1));

    await writeFile(file(), first);
    for (const each of [deps, fresh()])
      expect(await writeCheckpoint(each, tenant)).toMatchObject({
        outcome: 'refused',
        code: 'checkpoint_file_missing',
      });
    await rm(file());
    expect(await writeCheckpoint(fresh(), tenant)).toMatchObject({
      outcome: 'refused',
      code: 'checkpoint_file_missing',
    });
    await writeFile(file(), whole);
    const { privateKey: other } = generateKeyPairSync('ed25519');
    expect(await writeCheckpoint({ ...fresh(), signer: other }, tenant)).toMatchObject({
      outcome: 'refused',
      code: 'checkpoint_unreadable',
    });
    await appendFile(file(), 'something else\n');
    expect(await writeCheckpoint(fresh(), tenant)).toMatchObject({ outcome: 'refused', code: 'checkpoint_unreadable' });
    expect(await readFile(file(), 'utf8')).toBe(`${whole}something else\n`);

    await writeFile(file(), whole);
    expect(await writeCheckpoint(fresh(), tenant)).toEqual({ outcome: 'written', tenant, size: 3 });
  });

  test('the trouble of one tenant does not stop the others', async () => {
    const [good, bad] = [`${tenant}-good`, `${tenant}-bad`];
    for (const each of [good, bad]) await log.ledger.append(each, entries('a', 2));
    await writeFile(checkpointFile(deps.directory, bad), 'garbage\n');
    const reports = await checkpointAll(deps);
    expect(reports.find((report) => report.tenant === bad)).toMatchObject({ outcome: 'refused' });
    expect(reports.find((report) => report.tenant === good)).toMatchObject({ outcome: 'written', size: 2 });
    const [note = ''] = splitNotes(await readFile(checkpointFile(deps.directory, good), 'utf8')).notes;
    expect(openCheckpoint(note, originOf(good), log.publicKey).size).toBe(2);
  });

  test('the last note of a long file is found', async () => {
    await log.ledger.append(tenant, entries('a', 1));
    await writeCheckpoint(deps, tenant);
    for (let i = 0; i < 300; i += 1) {
      await log.ledger.append(tenant, entries(`n${i}`, 1));
      expect(await writeCheckpoint(deps, tenant)).toMatchObject({ outcome: 'written', size: i + 2 });
    }
    expect((await readFile(file())).length).toBeGreaterThan(64 * 1024);
    expect(openChain(await notes(), originOf(tenant), log.publicKey)).toMatchObject({
      findings: [],
      checkpoints: { length: 301 },
    });
    expect(await writeCheckpoint(fresh(), tenant)).toEqual({ outcome: 'current', tenant, size: 301 });
  });
});
