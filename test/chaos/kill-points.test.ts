import { waitUntil } from '../../stack/wait-until';
import { actionWorkflowId, WAKE_SIGNAL } from '../../workflows/contract/names';
import { type Story } from '../faults/points';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { type Invoice, invoice, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { dieEverywhere, type Telling, WITHIN_MS } from './die-everywhere';
import { insist } from './insist';
import { keepRunning } from './keep-running';

let spine: Spine;
beforeAll(async () => {
  spine = await startSpine();
  await spine.worker().stop();
  await spine.gateway().stop();
});
afterAll(async () => await spine.stop());

async function asked(params: Invoice): Promise<string> {
  return (await insist(() => pay(spine, params, { waitMs: 500 }), WITHIN_MS)).id;
}

async function approved(id: string, person: 'bob' | 'carol' = 'bob'): Promise<void> {
  await insist(() => vote(spine, person, id, 'approve'), WITHIN_MS);
}

async function countersigned(): Promise<string> {
  const id = await asked(largeInvoice());
  await approved(id);
  return id;
}

/** A payment with a mishap at the bank, and what follows there. */
async function mishap(how: 'refuse' | 'drop-reply', then: () => void = () => undefined): Promise<string> {
  const params = invoice();
  const { faults } = spine.services.payments;
  void faults.failNext({ operation: 'createPayment', invoiceId: params.invoiceId, how }).then(then);
  return await asked(params);
}

async function untilThereIs(what: string, query: string, values: readonly unknown[]): Promise<void> {
  await waitUntil(async () => (await spine.auditor.query(query, [...values])).rowCount === 1, {
    what: `There was no ${what}`,
    withinMs: WITHIN_MS,
  });
}

/** A payment that happened, at a bank that hung up over it and closed, so that its credential could not be ended either: a person is asked. */
async function lostForLong(): Promise<string> {
  const { faults } = spine.services.payments;
  const id = await mishap('drop-reply', () => (faults.closed = true));
  await untilThereIs('task', `select from tasks where action = $1 and state = 'open'`, [id]);
  return id;
}

/** The bank opens, and is asked at once rather than in a minute. */
async function opensAgain(id: string): Promise<void> {
  spine.services.payments.faults.closed = false;
  const client = await clientOf(spine);
  await client.workflow.getHandle(actionWorkflowId('demo', id)).signal(WAKE_SIGNAL);
  await client.connection.close();
}

async function post(url: string, token: string, body: object): Promise<{ readonly status: number }> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return await insist(() => fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }), WITHIN_MS);
}

const TELLINGS: Readonly<Record<Exclude<Story, 'lent' | 'offboarded'>, Telling>> = {
  paid: { ending: 'executed', tell: () => asked(invoice()) },
  countersigned: { ending: 'executed', tell: countersigned },
  changed: {
    ending: 'executed',
    tell: async () => {
      const id = await asked(largeInvoice());
      spine.services.erp.changeIban('globex', 'DE02120300000000202051');
      await approved(id);
      await untilThereIs('second round', 'select from approval_requests where action = $1 and round = 2', [id]);
      await approved(id, 'carol');
      return id;
    },
  },
  undone: { ending: 'undone', tell: () => mishap('refuse') },
  lost: { ending: 'executed', tell: () => mishap('drop-reply') },
  away: {
    ending: 'executed',
    tell: async () => {
      const id = await lostForLong();
      await opensAgain(id);
      return id;
    },
  },
  'started late': {
    ending: 'executed',
    // The gateway cannot reach Temporal, so whatever starts, the outbox starts. What it took up when it died has to wait for half a minute.
    settings: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    againAfterMs: 2_000,
    tell: () => asked(invoice()),
  },
  'asked by an agent': { ending: 'executed', againAfterMs: 0, tell: countersigned },
  cancelled: {
    ending: 'cancelled',
    tell: async () => {
      const id = await asked(largeInvoice());
      await post(`${spine.gatewayUrl}/v1/actions/${id}/cancel`, spine.agentKey, { reason: 'not needed any more' });
      return id;
    },
  },
  resolved: {
    ending: 'executed',
    tell: async () => {
      const id = await lostForLong();
      const { rows } = await spine.auditor.query<{ task: string }>('select task from tasks where action = $1', [id]);
      const resolve = `${spine.adminUrl}/v1/admin/tasks/${String(rows[0]?.task)}/resolve`;
      const word = { resolution: 'happened', reason: 'the bank was called' };
      expect((await post(resolve, spine.people.bob.token, word)).status).toBe(200);
      spine.services.payments.faults.closed = false;
      return id;
    },
  },
};

describe('F1 F4 a process killed with -9 at every point of a story, once each', () => {
  it.each(Object.entries(TELLINGS))(
    '%s: it ends as if nobody had died, and the target saw each effect once',
    async (story, telling) => {
      const actions = await dieEverywhere(spine, story as Story, telling);
      expect(actions.map((id) => paymentsOf(spine, id))).toEqual(
        actions.map(() => (telling.ending === 'executed' ? 1 : 0)),
      );
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
  }, 240_000);
});
