import { waitUntil } from '../../stack/wait-until';
import { deathsIn } from '../faults/kill';
import { pointsOf, type Story } from '../faults/points';
import { checkInvariants } from '../helpers/check-invariants';
import { ended, type Invoice, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { insist } from './insist';
import { keepRunning } from './keep-running';

let spine: Spine;
beforeAll(async () => {
  spine = await startSpine();
  await spine.worker().stop();
  await spine.gateway().stop();
});
afterAll(async () => await spine.stop());

/** A workflow task whose worker died is given to another after seconds; a story of twenty deaths takes minutes. */
const WITHIN_MS = 600_000;

async function asked(params: Invoice): Promise<string> {
  return (await insist(() => pay(spine, params, { waitMs: 500 }), WITHIN_MS)).id;
}

async function approved(id: string, person: 'bob' | 'carol' = 'bob'): Promise<void> {
  await insist(() => vote(spine, person, id, 'approve'), WITHIN_MS);
}

async function untilRound(id: string, round: number): Promise<void> {
  const opened = `select from approval_requests where action = $1 and round = $2`;
  await waitUntil(async () => (await spine.auditor.query(opened, [id, round])).rowCount === 1, {
    what: `Action ${id} was not decided anew`,
    withinMs: WITHIN_MS,
  });
}

const STORIES: Partial<Record<Story, { readonly play: () => Promise<string>; readonly ending: string }>> = {
  paid: { ending: 'executed', play: () => asked(invoice()) },
  countersigned: {
    ending: 'executed',
    play: async () => {
      const id = await asked(largeInvoice());
      await approved(id);
      return id;
    },
  },
  changed: {
    ending: 'executed',
    play: async () => {
      const id = await asked(largeInvoice());
      spine.services.erp.changeIban('globex', 'DE02120300000000202051');
      await approved(id);
      await untilRound(id, 2);
      await approved(id, 'carol');
      return id;
    },
  },
  undone: {
    ending: 'undone',
    play: async () => {
      const params = invoice();
      void spine.services.payments.faults.failNext({
        operation: 'createPayment',
        invoiceId: params.invoiceId,
        how: 'refuse',
      });
      return await asked(params);
    },
  },
  lost: {
    ending: 'executed',
    play: async () => {
      const params = invoice();
      void spine.services.payments.faults.failNext({
        operation: 'createPayment',
        invoiceId: params.invoiceId,
        how: 'drop-reply',
      });
      return await asked(params);
    },
  },
  'asked by an agent': {
    ending: 'executed',
    play: async () => {
      // Who asks again after a death finds what was taken, and does not pass the later points: others have to.
      for (let before = 0; before < 6; before++) await approved(await asked(largeInvoice()));
      const id = await asked(largeInvoice());
      await approved(id);
      return id;
    },
  },
};

const GATEWAYS: readonly Story[] = ['asked by an agent'];

describe('F1 F4 a process killed with -9 at every point of a story, once each', () => {
  it.each(Object.entries(STORIES))(
    '%s: it ends as if nobody had died, and the target saw each effect once',
    async (name, { play, ending }) => {
      const points = pointsOf(name as Story);
      const faults = points.map((point) => `${point}=kill`).join(',');
      const dies = GATEWAYS.includes(name as Story) ? 'gateway' : 'worker';
      const worker = keepRunning('worker', spine.settings.worker, dies === 'worker' ? faults : '');
      const gateway = keepRunning('gateway', spine.settings.gateway, dies === 'gateway' ? faults : '');
      try {
        const id = await play();
        expect(await ended(spine, id, WITHIN_MS)).toMatchObject({ kind: ending });
        // Later than the ending is only what comes after its commit.
        await waitUntil(() => points.every((point) => deathsIn(spine.home).includes(point)), {
          what: `Nobody died at one of ${points.join(', ')}`,
          withinMs: 60_000,
        }).catch(() => expect(deathsIn(spine.home)).toEqual(expect.arrayContaining([...points])));
        const payments = spine.services.payments.book
          .records()
          .filter(
            ({ kind, actionId, operation }) => kind === 'effect' && actionId === id && operation === 'createPayment',
          );
        expect(payments).toHaveLength(ending === 'executed' ? 1 : 0);
      } finally {
        await Promise.all([worker.stop(), gateway.stop()]);
      }
    },
    WITHIN_MS + 120_000,
  );

  it('leaves every invariant standing', async () => {
    const worker = keepRunning('worker', spine.settings.worker);
    const gateway = keepRunning('gateway', spine.settings.gateway);
    try {
      expect(await checkInvariants(spine)).toEqual([]);
    } finally {
      await Promise.all([worker.stop(), gateway.stop()]);
    }
  });
});
