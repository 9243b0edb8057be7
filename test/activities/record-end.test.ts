import { type StepRef } from '../../activities/deps';
import { createPerformStep } from '../../activities/perform-step';
import { createRecordEnd } from '../../activities/record-end';
import { type EffectKnown, type Ending } from '../../activities/results';
import { createUndoStep } from '../../activities/undo-step';
import { begin, readyAction, type SeededAction } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

const DONE: Ending = { state: 'done', result: {} };
const ABSENT: Ending = { state: 'absent', code: 'not_there' };

let action: SeededAction;
let ref: StepRef;
beforeEach(async () => {
  action = await readyAction(world, tenant);
  await begin(world, action);
  ref = { tenant, actionId: action.actionId, stepId: 'pay' };
});

const record = (ending: Ending, attempt = 1, deps = workshop.deps): Promise<EffectKnown> =>
  createRecordEnd(deps)(ref, { attempt, grantId: `${action.actionId}.pay.do.${String(attempt)}` }, ending, {
    kind: 'revoked',
  });
const told = async (): Promise<string[]> =>
  (
    await world.rows<{ key: string }>(
      `select key from ledger where tenant = $1 and key like 'effect/%/do/%' order by seq`,
      [tenant],
    )
  ).map(({ key }) => key.split('/').slice(-2).join(' '));

it('I5 a twin that was frozen until another had settled the attempt tells no second end of it', async () => {
  await record(DONE);
  await record({ state: 'unknown', code: 'target_no_answer' });
  expect(await told()).toEqual(['1 begun', '1 done']);
});

describe('a twin that was frozen says of the step what its row says, and not what it saw itself:', () => {
  it.each<[string, Ending, Ending, EffectKnown]>([
    ['done', DONE, { state: 'unknown', code: 'no_answer' }, { kind: 'done', revoked: true }],
    ['done, also where it saw nothing', DONE, ABSENT, { kind: 'done', revoked: true }],
    [
      'something else than approved',
      { ...DONE, code: 'effect_mismatch' },
      DONE,
      { kind: 'failed', code: 'effect_mismatch', revoked: true },
    ],
    [
      'refused',
      { state: 'failed', code: 'target_refused' },
      DONE,
      { kind: 'failed', code: 'target_refused', revoked: true },
    ],
    ['not done, which whoever looks again begins anew', ABSENT, DONE, { kind: 'unknown', revoked: true }],
  ])('%s', async (_, settled, late, known) => {
    await record(settled);
    expect(await record(late)).toEqual(known);
  });

  it('begun anew, of which nobody knows more', async () => {
    await record(ABSENT);
    await begin(world, action);
    // The credential of the new attempt is in use.
    expect(await record(DONE)).toEqual({ kind: 'unknown', revoked: false });
    expect(await world.rows('select attempt, state from effects where tenant = $1', [tenant])).toEqual([
      { attempt: 2, state: 'begun' },
    ]);
    // What the target said is evidence all the same.
    expect(await told()).toEqual(['1 begun', '1 absent', '2 begun', '1 done']);
  });

  it('begun anew, and done', async () => {
    await record(ABSENT);
    await begin(world, action);
    expect(await record(DONE, 2)).toEqual({ kind: 'done', revoked: true });
    expect(await record({ state: 'failed', code: 'target_refused' })).toEqual({ kind: 'done', revoked: true });
    expect(await told()).toEqual(['1 begun', '1 absent', '2 begun', '2 done']);
  });
});

it('who writes down the end of an attempt alone reads nothing again', async () => {
  const { db } = workshop.deps;
  const deps = { ...workshop.deps, db: { ...db, readAsTenant: () => Promise.reject(new Error('it was read')) } };
  expect(await record(DONE, 1, deps)).toEqual({ kind: 'done', revoked: true });
});

it('X62 a sender that was frozen until its attempt was found not to have happened does not say that the step is done', async () => {
  await record(ABSENT);
  const ref = { tenant, actionId: action.actionId, stepId: 'pay' };
  const { http } = workshop.deps.providers;
  const slow: typeof http = Object.assign(Object.create(http) as typeof http, {
    execute: async (call: Parameters<typeof http.execute>[0]) => {
      const result = await http.execute(call);
      await world.rows(`update effects set state = 'absent', code = 'not_there' where tenant = $1`, [tenant]);
      return result;
    },
  });
  const frozen = { ...workshop.deps, providers: { ...workshop.deps.providers, http: slow } };
  expect(await createPerformStep(frozen)(ref)).toMatchObject({ kind: 'unknown' });
  expect(await createPerformStep(workshop.deps)(ref)).toEqual({ kind: 'done', revoked: true });
  expect(new Set(workshop.target.happened).size).toBe(1);
});

it('I14 an undo that a twin gave up on meanwhile is sent again, and neither undone nor stuck', async () => {
  await record(DONE);
  const undo = (deps = workshop.deps): Promise<object> =>
    createUndoStep(deps)({ tenant, actionId: action.actionId, stepId: 'pay' });
  const { http } = workshop.deps.providers;
  const slow: typeof http = Object.assign(Object.create(http) as typeof http, {
    undo: async (call: Parameters<typeof http.undo>[0]) => {
      const result = await http.undo(call);
      const given = `update effects set state = 'absent', code = 'undo_sent_again' where tenant = $1 and kind = 'undo'`;
      await world.rows(given, [tenant]);
      return result;
    },
  });
  const frozen = { ...workshop.deps, providers: { ...workshop.deps.providers, http: slow } };
  for (const behaviour of ['does it', 'refuses'] as const) {
    workshop.target.behaviours = [behaviour];
    await expect(undo(frozen)).rejects.toMatchObject({ type: 'undo_unanswered' });
  }
  expect(await undo()).toEqual({ kind: 'undone', revoked: true });
});
