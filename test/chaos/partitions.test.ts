import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../stack/wait-until';
import { testServers } from '../setup/servers';
import { checkInvariants } from '../helpers/check-invariants';
import { hostOf, type Line, over, startLine, type Way } from '../helpers/line';
import { type Asked, ended, insist, invoice, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

/** Longer than anything of ours waits for one answer, so that every time-out is met. */
const SILENCE_MS = 16_000;

interface Lines {
  readonly gatewayToTemporal: Line;
  readonly workerToTemporal: Line;
  readonly workerToDatabase: Line;
  readonly gatewayToDatabase: Line;
  readonly workerToPayments: Line;
}

let lines: Lines;
let spine: Spine;
beforeAll(async () => {
  const { temporalAddress, superuserUrl } = testServers();
  const [gatewayToTemporal, workerToTemporal, workerToDatabase, gatewayToDatabase] = await Promise.all([
    startLine(temporalAddress),
    startLine(temporalAddress),
    startLine(hostOf(superuserUrl)),
    startLine(hostOf(superuserUrl)),
  ]);
  spine = await startSpine({
    workerSettings: { TEMPORAL_ADDRESS: workerToTemporal.address },
    settings: async (_temporal, database, services) => {
      const workerToPayments = await startLine(hostOf(services.payments.url));
      lines = { gatewayToTemporal, workerToTemporal, workerToDatabase, gatewayToDatabase, workerToPayments };
      return {
        TEMPORAL_ADDRESS: gatewayToTemporal.address,
        DATABASE_URL_GATEWAY: over(gatewayToDatabase, database.gatewayUrl),
        DATABASE_URL_WORKER: over(workerToDatabase, database.workerUrl),
        DATABASE_URL_LOOPS: over(workerToDatabase, database.loopsUrl),
        COUNTERSIGN_TARGET_PAYMENTS: `http://${workerToPayments.address}`,
      };
    },
  });
});
afterAll(async () => {
  await spine.stop();
  await Promise.all(Object.values(lines).map(async (line: Line) => await line.down()));
});

/** After every fault: nobody died of it, and nothing is out of order. */
afterEach(async () => {
  expect([spine.gateway().hasEnded(), spine.worker().hasEnded()]).toEqual([false, false]);
  expect(await checkInvariants(spine)).toEqual([]);
});

/** Several payments of which each is somewhere else when the line goes silent. */
async function paymentsUnderWay(): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (let i = 0; i < 4; i += 1) asked.push(await insist(spine, invoice()));
  return asked;
}

async function allPaidOnce(asked: readonly Asked[]): Promise<void> {
  for (const { id } of asked) {
    expect(await ended(spine, id, 120_000)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  }
}

const BOTH: readonly Way[] = ['there', 'back'];

describe('F11 a Temporal that cannot be reached', () => {
  const away = async (how: 'refuses' | 'is silent', to: readonly Line[], work: () => Promise<void>): Promise<void> => {
    for (const line of to) {
      if (how === 'refuses') await line.down();
      else line.weather({ silent: BOTH });
    }
    try {
      await work();
    } finally {
      for (const line of to) {
        if (how === 'refuses') await line.up();
        line.weather({});
      }
    }
  };

  it('by the gateway alone: the request is taken, and the outbox has it started, once', async () => {
    await away('is silent', [lines.gatewayToTemporal], async () => {
      const { id, status } = await pay(spine, invoice(), { waitMs: 500 });
      expect(status).toBe(202);
      await allPaidOnce([{ id } as Asked]);
    });
  }, 200_000);

  it.each(['refuses', 'is silent'] as const)(
    'by anybody (it %s): nothing is held for what nobody has decided, votes are taken, and all of it goes on later, once',
    async (how) => {
      const { id: waiting } = await pay(spine, largeInvoice());
      let id = '';
      await away(how, [lines.gatewayToTemporal, lines.workerToTemporal], async () => {
        const asked = await pay(spine, invoice(), { waitMs: 500 });
        expect(asked.status).toBe(202);
        id = asked.id;
        expect((await vote(spine, 'bob', waiting, 'approve')).status).toBe(200);
        await untilTriedInVain(id);
        expect((await spine.auditor.query('select from reservations where action = $1', [id])).rowCount).toBe(0);
        expect([paymentsOf(spine, id), paymentsOf(spine, waiting)]).toEqual([0, 0]);
      });
      await allPaidOnce([{ id } as Asked, { id: waiting } as Asked]);
    },
    240_000,
  );

  async function untilTriedInVain(id: string): Promise<void> {
    const tried = async (): Promise<boolean> =>
      (await spine.auditor.query('select from outbox where action = $1 and attempts > 0 and done_at is null', [id]))
        .rowCount === 1;
    await waitUntil(tried, { what: 'The outbox did not try', withinMs: 60_000 });
  }
});

describe('F12 a line that goes silent', () => {
  it.each([
    ['both ways', BOTH],
    ['on the way back', ['back']],
  ] as const)(
    'F25 between worker and Postgres, %s: no effect begins meanwhile, and each is done once',
    async (_which, silent) => {
      const asked = await paymentsUnderWay();
      lines.workerToDatabase.weather({ silent });
      await sleep(2_500); // whatever had begun has been sent, or never will be
      const before = spine.services.payments.book.records().length;
      const { id } = await insist(spine, invoice());
      await sleep(SILENCE_MS);
      expect(
        spine.services.payments.book
          .records()
          .slice(before)
          .filter(({ kind }) => kind === 'effect'),
      ).toEqual([]);
      lines.workerToDatabase.weather({});
      await allPaidOnce([...asked, { id } as Asked]);
    },
    300_000,
  );

  it('between worker and Temporal: each is done once', async () => {
    const asked = await paymentsUnderWay();
    lines.workerToTemporal.weather({ silent: BOTH });
    await sleep(SILENCE_MS);
    lines.workerToTemporal.weather({});
    await allPaidOnce(asked);
  }, 300_000);

  it.each(['workerToDatabase', 'gatewayToDatabase', 'workerToTemporal', 'gatewayToTemporal'] as const)(
    'for ever, for the connections of %s that stand: others take their place',
    async (which) => {
      const asked = await paymentsUnderWay();
      lines[which].forget();
      const { id } = await insist(spine, invoice(), { withinMs: 90_000 });
      await allPaidOnce([...asked, { id } as Asked]);
    },
    300_000,
  );

  it('between worker and target, on the way back: what was done and not answered is found out, not done again', async () => {
    lines.workerToPayments.weather({ silent: ['back'] });
    const { id } = await insist(spine, invoice());
    await waitUntil(() => paymentsOf(spine, id) === 1, { what: 'Nothing was paid', withinMs: 60_000 });
    await sleep(8_000);
    lines.workerToPayments.weather({});
    await allPaidOnce([{ id } as Asked]);
  }, 200_000);

  it('between worker and target, on the way there: what arrives later than its credential is good for does nothing', async () => {
    lines.workerToPayments.weather({ silent: ['there'] });
    const { id } = await insist(spine, invoice());
    await waitUntil(async () => (await effectStates(id)).includes('unknown'), {
      what: 'The effect did not become unknown',
      withinMs: 60_000,
    });
    await sleep(6_000);
    lines.workerToPayments.weather({}); // now all of it arrives at once
    await allPaidOnce([{ id } as Asked]);
  }, 200_000);

  it('a slow line between worker and Postgres costs time and nothing else', async () => {
    lines.workerToDatabase.weather({ latencyMs: 60 });
    const asked = await paymentsUnderWay();
    await allPaidOnce(asked);
    lines.workerToDatabase.weather({});
  }, 200_000);

  async function effectStates(id: string): Promise<readonly string[]> {
    const { rows } = await spine.auditor.query<{ state: string }>('select state from effects where action = $1', [id]);
    return rows.map(({ state }) => state);
  }
});
