import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, invoice, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { type TestProcess } from '../helpers/processes';
import { type Spine, startSpine } from '../helpers/spine';
import { startOrders } from '../helpers/start-orders';
import { testServers } from '../setup/servers';

const SECRET = 'what-opens-the-books-of-a-target';
const SNAPSHOTS = mkdtempSync(join(testServers().directory, 'heap-'));
/** Node writes its heap to a file when it is sent this signal; the usual SIGUSR2 ends a worker. */
const SNAPSHOT_SIGNAL = 'SIGHUP';
const NODE_OPTIONS = `--heapsnapshot-signal=${SNAPSHOT_SIGNAL} --diagnostic-dir=${SNAPSHOTS}`;

let spine: Spine;
let orders: TestProcess;

// The worker of the spine has the role `effects`; the other role is started beside it.
beforeAll(async () => {
  spine = await startSpine({
    workerSettings: { COUNTERSIGN_WORKER_ROLE: 'effects', COUNTERSIGN_SECRET_BOOKS_MINTER: SECRET, NODE_OPTIONS },
  });
  orders = await startOrders(spine);
});
afterAll(async () => await spine.stop());

async function heapOf({ pid, kill }: TestProcess): Promise<string> {
  kill(SNAPSHOT_SIGNAL);
  const written = (): string | undefined => {
    const name = readdirSync(SNAPSHOTS).find((each) => each.includes(`.${String(pid)}.`));
    const text = name === undefined ? '' : readFileSync(join(SNAPSHOTS, name), 'utf8');
    return text.trimEnd().endsWith(']}') ? text : undefined;
  };
  await waitUntil(() => written() !== undefined, { what: 'The heap was not written', withinMs: 60_000 });
  return written() ?? '';
}

describe('a worker of each role, as two processes', () => {
  it('carries an action through, with people and without', async () => {
    expect(await pay(spine, invoice())).toMatchObject({ outcome: { kind: 'executed' } });
    const { id } = await pay(spine, largeInvoice(), { waitMs: 100 });
    await vote(spine, 'bob', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  });

  it('holds what opens a target in the role effects alone', async () => {
    const body = readFileSync(join(spine.home, 'keys', 'effects.key.pem'), 'utf8').split('\n')[1] ?? '';
    expect(body).not.toBe('');
    // Compared without `toContain`: it would print a hundred megabytes.
    const holding = await heapOf(spine.worker());
    expect(holding.includes(SECRET)).toBe(true); // so that not to find it means something
    const ordering = await heapOf(orders);
    expect(ordering.includes('governedAction')).toBe(true);
    expect([ordering.includes(SECRET), ordering.includes(body)]).toEqual([false, false]);
  }, 120_000);

  it('W1 waits while the role effects is dead, and goes on when it is back', async () => {
    spine.worker().kill('SIGKILL');
    await spine.worker().ended;
    const { id } = await pay(spine, largeInvoice(), { waitMs: 100 });
    expect((await vote(spine, 'bob', id, 'approve')).status).toBe(200);
    // Asked, decided, voted and ordered without it; and nothing was done.
    const approved = async (): Promise<number | null> =>
      (await spine.auditor.query(`select from approval_requests where action = $1 and state = 'approved'`, [id]))
        .rowCount;
    await waitUntil(async () => (await approved()) === 1, { what: 'The verdict was not read', withinMs: 30_000 });
    expect(paymentsOf(spine, id)).toBe(0);
    await spine.startWorker();
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  });

  it('W1 ends what lives at targets while the role workflows is dead, and the action goes on when it is back', async () => {
    const hands = await spine.startWorker('execute:after-external=kill');
    const { id } = await pay(spine, invoice(), { waitMs: 100 });
    expect(await hands.ended).toEqual({ code: null, signal: 'SIGKILL' });
    orders.kill('SIGKILL');
    await orders.ended;
    await spine.startWorker();
    const live = async (): Promise<number | null> =>
      (await spine.auditor.query(`select from grants where action = $1 and state <> 'revoked'`, [id])).rowCount;
    await waitUntil(async () => (await live()) === 0, { what: 'A grant lives', withinMs: 60_000 });
    const { rows } = await spine.auditor.query('select outcome from actions where action = $1', [id]);
    expect(rows).toEqual([{ outcome: null }]);
    orders = await startOrders(spine);
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  }, 120_000);

  it('keeps every invariant, with checkpoints from the role workflows', async () => {
    expect(await checkInvariants(spine)).toEqual([]);
    expect(existsSync(join(spine.home, 'checkpoints'))).toBe(true);
  });
});
