import { createAskPerson } from '../../activities/ask-person';
import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createUndoStep } from '../../activities/undo-step';
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
    await world.rows(`insert into role_grants values ($1, 'bob', 'operator', 'test') on conflict do nothing`, [tenant]);
    const mended = {
      task: `${ref.actionId}.pay.undo_stuck`,
      resolution: 'mended',
      reason: 'by hand',
      by: 'bob',
    } as const;
    expect(await world.as('gateway', tenant, (client) => resolveTask(client, tenant, mended))).toBe('done');
    expect(await undo()).toEqual({ kind: 'stuck', revoked: true });
    expect(undoes()).toEqual([]);
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
