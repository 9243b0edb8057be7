import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { packageRoot } from '../../config/paths';
import { LOGIN_ROLES, roleName } from '../../db/create-roles';
import { waitUntil } from '../../stack/wait-until';
import { ended, invoice, insist, pay, paymentsOf } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { testServers } from '../setup/servers';

let spine: Spine;
beforeAll(async () => (spine = await startSpine()));
afterAll(async () => await spine.stop());

/** With every process down: a backup is a copy of the database as it is, and restoring puts the copy in its place. */
async function offline(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: testServers().superuserUrl });
  await client.connect();
  try {
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      spine.database.name,
    ]);
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function stop(): Promise<void> {
  await Promise.all([spine.worker().stop(), spine.gateway().stop()]);
}

async function start(): Promise<void> {
  await spine.startGateway();
  await spine.startWorker();
}

const entries = async (): Promise<number> =>
  Number((await spine.auditor.query<{ n: string }>('select count(*) as n from ledger')).rows[0]?.n);

async function untilSigned(): Promise<void> {
  const signed = async (): Promise<boolean> => {
    const { rows } = await spine.auditor.query<{ n: string }>('select max(size) as n from checkpoints');
    return Number(rows[0]?.n) === (await entries());
  };
  await waitUntil(signed, { what: 'Nothing was signed', withinMs: 30_000 });
}

async function untilDoubted(): Promise<void> {
  const doubted = async (): Promise<boolean> =>
    (await spine.auditor.query('select from ledger_doubts where acknowledged_at is null')).rowCount === 1;
  await waitUntil(doubted, { what: 'Nobody noticed', withinMs: 30_000 });
}

function countersign(...args: string[]): string {
  return execFileSync(process.execPath, [join(packageRoot(), 'dist', 'cli', 'main.js'), ...args], {
    env: { PATH: process.env['PATH'], COUNTERSIGN_HOME: spine.home, DATABASE_URL: spine.database.ownerUrl },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

const acknowledge = (): string =>
  countersign('ledger', 'acknowledge-restore', '--tenant', 'demo', '--reason', 'compared with the books of the bank');

describe('F24 a database that was restored from an older backup', () => {
  let before: string;
  let asked: string;

  it('is found by what was signed meanwhile', async () => {
    before = (await pay(spine, invoice())).id;
    await untilSigned();
    await stop();
    const { name } = spine.database;
    await offline(`create database ${name}_backup template ${name}`);
    await start();

    const { id } = await pay(spine, invoice());
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    await untilSigned();
    await stop();
    const connect = `grant connect on database ${name} to ${LOGIN_ROLES.map(roleName).join(', ')}`;
    await offline(
      ...[`drop database ${name}`, `alter database ${name}_backup rename to ${name}`],
      ...[`alter database ${name} owner to countersign_owner`, connect],
    );
    await start();
    await spine.worker().waitForLog('ledger_truncated', 30_000);
    await untilDoubted();
    expect(paymentsOf(spine, id)).toBe(1);
  }, 180_000);

  it('begins no effect, however often its worker tries', async () => {
    asked = (await insist(spine, invoice())).id;
    const { worker } = spine;
    await worker().waitForLog('55000', 60_000);
    await spine.startWorker();
    await worker().waitForLog('55000', 60_000);
    expect(paymentsOf(spine, asked)).toBe(0);
    expect(paymentsOf(spine, before)).toBe(1);
    expect((await spine.auditor.query('select from effects where action = $1', [asked])).rowCount).toBe(0);
  }, 180_000);

  it('goes on once an operator has acknowledged it, is signed on from there, and whoever verifies is told', async () => {
    acknowledge();
    expect(await ended(spine, asked, 90_000)).toMatchObject({ kind: 'executed' });
    const { rows } = await spine.auditor.query<{ seq: string }>(
      `select seq::text from ledger where key like 'restore/%/acknowledged'`,
    );
    expect(rows).toHaveLength(1);
    // It has been acknowledged for this checkpoint; there is nothing else to acknowledge.
    expect(acknowledge).toThrow();
    await spine.worker().waitForLog('a checkpoint was given up', 30_000);
    await untilSigned();
    const verify = (...args: readonly string[]): string =>
      countersign('ledger', 'verify', '--tenant', 'demo', '--database-url', spine.database.auditorUrl, ...args);
    expect(() => verify()).toThrow(/Command failed/);
    expect(verify('--accept-restore', rows[0]?.seq ?? '')).toMatch(/verified: demo.*restored at entry/s);
    await spine.startWorker();
    const { id } = await pay(spine, invoice());
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    await untilSigned();
    expect(spine.worker().log()).not.toContain('ledger_');
  }, 180_000);
});
