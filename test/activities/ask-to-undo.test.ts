import { createAskPerson } from '../../activities/ask-person';
import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createSettle } from '../../activities/settle';
import { createUndoStep } from '../../activities/undo-step';
import { lockAction } from '../../db/load-action';
import { resolveTask } from '../../db/resolve-task';
import { openTask } from '../../db/tasks';
import { seedAction } from '../helpers/seed';
import { tenant, workshop, world } from '../helpers/own-workshop';

let ref: { readonly tenant: string; readonly actionId: string; readonly stepId: string };
beforeEach(async () => {
  const { actionId } = await seedAction(world, tenant);
  ref = { tenant, actionId, stepId: 'pay' };
  await createDecide(workshop.deps)(ref);
});

const ask = (): Promise<void> => createAskPerson(workshop.deps)({ ...ref, kind: 'undo_stuck' });
const undo = (): Promise<object> => createUndoStep(workshop.deps)(ref);
const tasks = (): Promise<object[]> =>
  world.rows('select kind, state, resolution, resolved_by as by from tasks where tenant = $1', [tenant]);
const undoes = (): string[] => workshop.target.happened.filter((key) => key.endsWith('undo'));

const OPEN = { kind: 'undo_stuck', state: 'open', resolution: null, by: null };
const WITHDRAWN = { kind: 'undo_stuck', state: 'resolved', resolution: 'mended', by: 'countersign' };

async function mend(): Promise<void> {
  await world.rows(`insert into role_grants values ($1, 'bob', 'operator', 'test') on conflict do nothing`, [tenant]);
  const task = `${ref.actionId}.pay.undo_stuck`;
  const mended = { task, resolution: 'mended', reason: 'by hand', by: 'bob' } as const;
  expect(await world.as('gateway', tenant, (client) => resolveTask(client, tenant, mended))).toBe('done');
}

async function settle(): Promise<void> {
  expect(await createSettle(workshop.deps)({ ...ref, stopped: null, codes: [] })).toEqual({ state: 'executed' });
}

async function pay(): Promise<void> {
  expect(await createPerformStep(workshop.deps)(ref)).toMatchObject({ kind: 'done' });
}

describe('a person who is asked about an undo', () => {
  it('is asked no more once it is done', async () => {
    await pay();
    await ask();
    expect(await tasks()).toEqual([OPEN]);
    expect(await undo()).toMatchObject({ kind: 'undone' });
    expect(await tasks()).toEqual([WITHDRAWN]);
  });

  it('is asked no more where that came to light only later', async () => {
    await pay();
    await undo();
    // By somebody who read before the undo was done, and wrote after it.
    await world.as('worker', tenant, (client) =>
      openTask(client, tenant, { actionId: ref.actionId, step: 'pay', kind: 'undo_stuck' }),
    );
    expect(await undo()).toMatchObject({ kind: 'undone' });
    expect(await tasks()).toEqual([WITHDRAWN]);
    expect(undoes()).toHaveLength(1);
  });

  it('has the last word: what they have mended is not sent', async () => {
    await pay();
    await ask();
    await mend();
    expect(await undo()).toEqual({ kind: 'stuck', revoked: true });
    expect(undoes()).toEqual([]);
  });
});

it('leaves open what became of an undo that was under way when a person mended it', async () => {
  await pay();
  workshop.target.behaviours = ['loses the reply'];
  await expect(undo()).rejects.toMatchObject({ type: 'undo_unanswered' });
  await ask();
  await mend();
  expect(await undo()).toMatchObject({ kind: 'stuck' });
  expect(undoes()).toHaveLength(1);
  expect(await world.rows(`select state from effects where tenant = $1 and kind = 'undo'`, [tenant])).toEqual([
    { state: 'unknown' },
  ]);
});

it('what an ended action did stands, and nobody is asked about it', async () => {
  await pay();
  await settle();
  expect(await undo()).toMatchObject({ kind: 'stuck' });
  await ask();
  expect([undoes(), await tasks()]).toEqual([[], []]);
});

it('a person who answers does not wait for a worker that holds the action', async () => {
  await pay();
  await ask();
  await world.as('worker', tenant, async (client) => {
    await lockAction(client, tenant, ref.actionId);
    await mend();
  });
});

describe('nobody is asked about an undo of what', () => {
  it('was never begun', async () => {
    await ask();
    expect(await tasks()).toEqual([]);
  });

  it('was refused', async () => {
    workshop.target.behaviours = ['refuses'];
    await createPerformStep(workshop.deps)(ref);
    await ask();
    expect(await tasks()).toEqual([]);
  });

  it('is undone by now', async () => {
    await pay();
    await undo();
    await ask();
    expect(await tasks()).toEqual([]);
  });
});
