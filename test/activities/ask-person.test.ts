import { createAskPerson } from '../../activities/ask-person';
import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createRecordEnd } from '../../activities/record-end';
import { createReconcileStep } from '../../activities/reconcile-step';
import { type Ending } from '../../activities/results';
import { takeStep } from '../../activities/step-in-hand';
import { resolveTask } from '../../db/resolve-task';
import { waitUntil } from '../../stack/wait-until';
import { type Behaviour } from '../helpers/fake-target';
import { seedAction } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

let ref: { readonly tenant: string; readonly actionId: string; readonly stepId: string };
beforeEach(async () => {
  const { actionId } = await seedAction(world, tenant);
  ref = { tenant, actionId, stepId: 'pay' };
  await createDecide(workshop.deps)(ref);
});

const ask = (): Promise<void> => createAskPerson(workshop.deps)({ ...ref, kind: 'unknown_outcome' });
const perform = (): Promise<object> => createPerformStep(workshop.deps)(ref);
const reconcile = (): Promise<object> => createReconcileStep(workshop.deps)(ref);
const tasks = (): Promise<object[]> =>
  world.rows('select state, resolution, resolved_by as by from tasks where tenant = $1', [tenant]);
const actions = (): Promise<object[]> =>
  world.rows('select state, waiting_on from actions where tenant = $1', [tenant]);
const told = async (): Promise<string[]> =>
  (
    await world.rows<{ event: string }>(
      `select leaf::json -> 'entry' ->> 'event' as event from ledger where tenant = $1 and key like 'task/%' order by seq`,
      [tenant],
    )
  ).map(({ event }) => event);

/** The step is begun, and its worker dies before anything is known of it. */
async function beginAndDie(): Promise<void> {
  workshop.dieAt = 'execute:after-external';
  await expect(perform()).rejects.toThrow('died');
}

it('a person is asked about a step that was begun, of which nobody knows more', async () => {
  await beginAndDie();
  await ask();
  expect(await tasks()).toEqual([{ state: 'open', resolution: null, by: null }]);
  expect(await actions()).toEqual([{ state: 'unknown', waiting_on: ['operators'] }]);
  expect(await told()).toEqual(['task.opened']);
});

describe('nobody is asked about a step that', () => {
  async function expectNobodyAsked(): Promise<void> {
    const before = await actions();
    await ask();
    expect(await tasks()).toEqual([]);
    expect(await actions()).toEqual(before);
    expect(await told()).toEqual([]);
  }

  it('was never begun', async () => {
    await expectNobodyAsked();
  });

  it.each<[string, Behaviour]>([
    ['is done', 'does it'],
    ['has failed', 'refuses'],
    ['was something else than approved', 'does something else'],
  ])('%s', async (_, behaviour) => {
    workshop.target.behaviours = [behaviour];
    await perform();
    await expectNobodyAsked();
  });

  it('is known not to have happened', async () => {
    workshop.target.behaviours = ['loses the request'];
    await perform();
    expect(await reconcile()).toMatchObject({ kind: 'not_done' });
    await expectNobodyAsked();
  });
});

it.each(['actions', 'effects'])(
  'nobody is asked about a step whose outcome comes to be known at that moment (%s)',
  async (held) => {
    await beginAndDie();
    const holder = await world.superuser.connect();
    try {
      await holder.query('begin');
      await holder.query(`select from ${held} where tenant = $1 for update`, [tenant]);
      const asked = ask();
      const waits = async (): Promise<boolean> =>
        (
          await world.rows(
            `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
          )
        ).length > 0;
      await waitUntil(waits, { what: 'Nobody waits for the action', withinMs: 5_000 });
      await holder.query(`update effects set state = 'done' where tenant = $1`, [tenant]);
      await holder.query('commit');
      await asked;
    } finally {
      holder.release(true);
    }
    expect([await tasks(), await told()]).toEqual([[], []]);
  },
);

it('nobody is asked about another action than there is', async () => {
  await createAskPerson(workshop.deps)({ ...ref, actionId: 'act-none', kind: 'unknown_outcome' });
  expect([await tasks(), await told()]).toEqual([[], []]);
});

describe('a person who was asked about a step whose sender was only frozen', () => {
  /** The sender goes on, and writes down what it knows. */
  async function thaw(ending: Ending): Promise<void> {
    const hand = await takeStep(workshop.deps, ref);
    if (hand?.done === undefined) throw new Error('there is no such step');
    await createRecordEnd(workshop.deps)(ref, hand.done, ending, { kind: 'revoked' });
  }
  beforeEach(async () => {
    await beginAndDie();
    await ask();
  });

  it.each<[string, Ending, object, string]>([
    ['done', { state: 'done', result: {} }, { kind: 'done' }, 'happened'],
    ['refused', { state: 'failed', code: 'target_refused' }, { kind: 'failed' }, 'did_not_happen'],
    ['not sent', { state: 'absent', code: 'not_sent' }, { kind: 'not_done' }, 'did_not_happen'],
  ])('need not look any more once it is found to be %s', async (_, ending, found, resolution) => {
    await thaw(ending);
    expect([await reconcile(), await reconcile()]).toMatchObject([found, found]);
    expect(await tasks()).toEqual([{ state: 'resolved', resolution, by: 'countersign' }]);
    expect(await told()).toEqual(['task.opened', 'task.resolved']);
  });

  it('and has answered is not contradicted', async () => {
    await world.rows(`insert into role_grants values ($1, 'bob', 'operator', 'test') on conflict do nothing`, [tenant]);
    const answer = { resolution: 'did_not_happen', reason: 'looked', by: 'bob' } as const;
    const task = `${ref.actionId}.pay.unknown_outcome.1`;
    await world.as('gateway', tenant, (client) => resolveTask(client, tenant, { task, ...answer }));
    await thaw({ state: 'done', result: {} });
    expect(await reconcile()).toMatchObject({ kind: 'done' });
    expect(await tasks()).toEqual([{ state: 'resolved', resolution: 'did_not_happen', by: 'bob' }]);
  });
});

it('whoever asked and was frozen does not take the question back with an answer that the row contradicts', async () => {
  await beginAndDie();
  await ask();
  const hand = await takeStep(workshop.deps, ref);
  if (hand?.done === undefined) throw new Error('there is no such step');
  const record = createRecordEnd(workshop.deps);
  await record(ref, hand.done, { state: 'done', result: {} }, { kind: 'revoked' });
  const late = { kind: 'do', reconciled: true } as const;
  await record(ref, hand.done, { state: 'absent', code: 'not_there' }, { kind: 'expired' }, late);
  await reconcile();
  expect(await tasks()).toEqual([{ state: 'resolved', resolution: 'happened', by: 'countersign' }]);
});
