import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { atAnswer, atCommit, type Cut } from '../helpers/cuts';
import { DatabaseFault } from '../helpers/database-fault';
import { hostOf, type Line, over, startLine } from '../helpers/line';
import { ended, insist, invoice, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let toGateway: Line;
let toWorker: Line;
let spine: Spine;
let fault: DatabaseFault;
beforeAll(async () => {
  spine = await startSpine({
    settings: async (_temporal, database) => {
      [toGateway, toWorker] = await Promise.all([
        startLine(hostOf(database.gatewayUrl)),
        startLine(hostOf(database.workerUrl)),
      ]);
      return {
        DATABASE_URL_GATEWAY: over(toGateway, database.gatewayUrl),
        DATABASE_URL_WORKER: over(toWorker, database.workerUrl),
        DATABASE_URL_LOOPS: over(toWorker, database.loopsUrl),
      };
    },
  });
  fault = await DatabaseFault.of(spine.database);
});
afterAll(async () => {
  await fault.close();
  await spine.stop();
  await Promise.all([toGateway.down(), toWorker.down()]);
});

/** After every fault: nobody died of it, and nothing is out of order. */
afterEach(async () => {
  expect([spine.gateway().hasEnded(), spine.worker().hasEnded()]).toEqual([false, false]);
  expect(await checkInvariants(spine)).toEqual([]);
});

describe('F6 a connection that is cut in the middle of a commit', () => {
  const unheard = (of: string): Cut => atCommit('unheard', of);
  const unanswered = (of: string): Cut => atCommit('unanswered', of);
  const cases: readonly (readonly [string, 'gateway' | 'worker', Cut])[] = [
    ['of a request, which was not heard', 'gateway', unheard('insert into actions')],
    ['of a request, which was done', 'gateway', unanswered('insert into actions')],
    ['of a decision, which was not heard', 'worker', unheard('insert into decisions')],
    ['of a decision, which was done', 'worker', unanswered('insert into decisions')],
    ['of a beginning, which was not heard', 'worker', unheard('select begin_effect')],
    ['of a beginning, which was done', 'worker', unanswered('select begin_effect')],
    ['of an effect, which was not heard', 'worker', unheard('update effects set state')],
    ['of an effect, which was done', 'worker', unanswered('update effects set state')],
    ['of an entry in the ledger, which was done', 'worker', atAnswer('select ledger_append')],
    ['of the ending, which was not heard', 'worker', unheard('update actions set state = $3::text, outcome')],
    ['of the ending, which was done', 'worker', unanswered('update actions set state = $3::text, outcome')],
  ];

  it.each(cases)(
    '%s: one request, one payment',
    async (_what, whose, where) => {
      const happened = (whose === 'gateway' ? toGateway : toWorker).cut(where);
      const { id } = await insist(spine, invoice());
      await happened;
      expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
      expect(paymentsOf(spine, id)).toBe(1);
      const { rows } = await spine.auditor.query(
        `select from actions where idempotency_key = (select idempotency_key from actions where action = $1)`,
        [id],
      );
      expect(rows).toHaveLength(1);
    },
    200_000,
  );

  it.each([
    ['not heard', unheard('select cast_vote')],
    ['done', unanswered('select cast_vote')],
  ] as const)(
    'of a vote, which was %s: it counts once',
    async (_what, where) => {
      const { id } = await pay(spine, largeInvoice());
      const happened = toGateway.cut(where);
      expect((await vote(spine, 'bob', id, 'approve')).body.code).toBe('database_unavailable');
      await happened;
      expect([200, 409]).toContain((await vote(spine, 'bob', id, 'approve')).status);
      expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
      expect(paymentsOf(spine, id)).toBe(1);
      const { rows } = await spine.auditor.query(
        `select from votes join approval_requests using (tenant, request) where action = $1`,
        [id],
      );
      expect(rows).toHaveLength(1);
    },
    200_000,
  );
});

it('F7 a database that only reads takes nothing and begins nothing, and all goes on once it writes again', async () => {
  const { id: waiting } = await pay(spine, largeInvoice());
  const params = invoice();
  await fault.readOnly(true);
  try {
    await expectRefused(params);
    expect((await vote(spine, 'bob', waiting, 'approve')).body.code).toBe('database_unavailable');
    expect(paymentsOf(spine, waiting)).toBe(0);
  } finally {
    await fault.readOnly(false);
  }
  const { id } = await insist(spine, params);
  expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
  await untilVoted(waiting);
  expect(await ended(spine, waiting, 90_000)).toMatchObject({ kind: 'executed' });
}, 240_000);

describe('F8 locks', () => {
  it('a ledger that somebody else keeps is waited for a while, and then nothing happens', async () => {
    const { id: waiting } = await pay(spine, largeInvoice());
    const params = invoice();
    await fault.locked('ledger', async () => {
      await expectRefused(params);
      expect((await vote(spine, 'bob', waiting, 'approve')).body.code).toBe('database_unavailable');
      expect(paymentsOf(spine, waiting)).toBe(0);
    });
    const { id } = await insist(spine, params);
    expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
    await untilVoted(waiting);
    expect(await ended(spine, waiting, 90_000)).toMatchObject({ kind: 'executed' });
  }, 240_000);

  it.each([
    ['a deadlock', '40P01'],
    ['a serialization failure', '40001'],
  ])(
    '%s is tried again, and no entry is left out',
    async (_what, sqlstate) => {
      for (const event of ['action.decided', 'effect.begun', 'action.settled']) {
        await fault.refuse(event, sqlstate, 2);
        const { id } = await insist(spine, invoice());
        expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
        expect(paymentsOf(spine, id)).toBe(1);
        expect(await fault.refusals()).toBeGreaterThan(2);
        await fault.mend();
      }
    },
    300_000,
  );
});

describe('F9 X74 a disk that is full', () => {
  it('takes no request, and says so', async () => {
    await fault.refuse('action.requested', '53100');
    const params = invoice();
    await expectRefused(params);
    await fault.mend();
    const { id } = await insist(spine, params);
    expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
  }, 200_000);

  it('begins no effect, tells the log, and goes on when there is room', async () => {
    await fault.refuse('effect.begun', '53100');
    const { id } = await insist(spine, invoice());
    await waitUntil(async () => (await fault.refusals()) >= 2, { what: 'Nothing was refused', withinMs: 60_000 });
    expect(spine.services.erp.book.records().filter(({ actionId }) => actionId === id && id !== '')).toEqual([]);
    expect(paymentsOf(spine, id)).toBe(0);
    await fault.mend();
    expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  }, 200_000);
});

async function expectRefused(params: ReturnType<typeof invoice>): Promise<void> {
  const refused = await pay(spine, params, { waitMs: 100 });
  expect(refused).toMatchObject({ status: 503, code: 'database_unavailable' });
}

async function untilVoted(action: string): Promise<void> {
  await waitUntil(async () => (await vote(spine, 'bob', action, 'approve')).status === 200, {
    what: 'The vote was not taken',
    withinMs: 60_000,
  });
}
