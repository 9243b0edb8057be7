import { checkInvariants } from '../helpers/check-invariants';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
beforeAll(async () => (spine = await startSpine()));
afterAll(async () => await spine.stop());

/**
 * The seams where a power cut hurts most. Each worker ends itself there with SIGKILL, once, and another takes its place;
 * what counts is what the targets saw.
 */
const POINTS: readonly {
  readonly point: string;
  readonly after: string;
  readonly asks: 'small' | 'large' | 'refused';
  readonly ending: string;
}[] = [
  {
    point: 'decide:after-commit',
    after: 'the decision is stored and nobody was told',
    asks: 'large',
    ending: 'executed',
  },
  {
    point: 'readVerdict:after-commit',
    after: 'the approval is closed and nothing has begun',
    asks: 'large',
    ending: 'executed',
  },
  {
    point: 'preflight.begin:after-commit',
    after: 'the effect has begun and nothing was sent',
    asks: 'small',
    ending: 'executed',
  },
  {
    point: 'execute:after-external',
    after: 'the target has done it and nobody here knows',
    asks: 'small',
    ending: 'executed',
  },
  {
    point: 'recordEnd:before-commit',
    after: 'the end of the effect is written, and nothing of it is committed',
    asks: 'small',
    ending: 'executed',
  },
  {
    point: 'undo:after-external',
    after: 'the target has undone it and nobody here knows',
    asks: 'refused',
    ending: 'undone',
  },
  {
    point: 'settle:after-commit',
    after: 'the action is closed and its workflow is not',
    asks: 'small',
    ending: 'executed',
  },
];

describe('W1 a worker killed with -9', () => {
  it.each(POINTS)('when $after ($point): one effect, or none that stands', async ({ point, asks, ending }) => {
    const worker = await spine.startWorker(`${point}=kill`);
    const release = spine.keepWorker();
    const params = asks === 'large' ? largeInvoice() : invoice();
    if (asks === 'refused')
      void spine.services.payments.faults.failNext({
        operation: 'createPayment',
        invoiceId: params.invoiceId,
        how: 'refuse',
      });

    const { id } = await pay(spine, params, { waitMs: 100 });
    if (asks === 'large') await vote(spine, 'bob', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: ending });
    expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
    release();

    const effects = spine.services.payments.book
      .records()
      .filter((record) => record.kind === 'effect' && record.actionId === id);
    expect(effects.map((record) => record.operation)).toEqual(ending === 'executed' ? ['createPayment'] : []);
  });

  it('leaves every invariant standing', async () => {
    expect(await checkInvariants(spine)).toEqual([]);
  });
});
