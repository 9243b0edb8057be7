import { createDecide } from '../../activities/decide';
import { type TouchingDeps } from '../../activities/deps';
import { createPerformStep } from '../../activities/perform-step';
import { createUndoStep } from '../../activities/undo-step';
import { createElapsedMs } from '../../providers/elapsed-ms';
import { tenant, workshop, world } from '../helpers/own-workshop';
import { seedAction, type SeededAction } from '../helpers/seed';

/*
 * X80: a worker whose machine was suspended between what was allowed and what would be sent. By then somebody else may have
 * been told, for good, that it did not happen.
 */

const ref = ({ actionId }: SeededAction) => ({ tenant, actionId, stepId: 'pay' });
const operations = (): string[] => workshop.target.calls.map(({ operation }) => operation);

async function decided(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await createDecide(workshop.deps)(ref(action));
  return action;
}

/** Ten minutes go by between two looks, in which the steady clock stands still. */
function suspended(): TouchingDeps {
  let wallMs = 0;
  const monotonicMs = createElapsedMs(
    () => 0,
    () => (wallMs += 600_000),
  );
  return { ...workshop.deps, monotonicMs };
}

it('X80 sends no effect', async () => {
  const action = await decided();
  expect(await createPerformStep(suspended())(ref(action))).toMatchObject({ kind: 'failed' });
  expect(operations()).toEqual([]);
});

it.each([
  ['frozen', () => ({ ...workshop.deps, monotonicMs: ticking(5_000) })],
  ['suspended', suspended],
])('X80 sends no undo when it was %s, and is undone later, once', async (_, late) => {
  const action = await decided();
  expect(await createPerformStep(workshop.deps)(ref(action))).toMatchObject({ kind: 'done' });
  await expect(createUndoStep(late())(ref(action))).rejects.toMatchObject({
    type: 'undo_unanswered',
    nonRetryable: false,
  });
  expect(operations()).toEqual(['payIt']);
  const undo = createUndoStep(workshop.deps);
  const undone = { kind: 'undone', revoked: true };
  expect([await undo(ref(action)), await undo(ref(action))]).toEqual([undone, undone]);
  expect(operations()).toEqual(['payIt', 'unpayIt']);
  expect(await world.rows(`select state, attempt from effects where tenant = $1 and kind = 'undo'`, [tenant])).toEqual([
    { state: 'done', attempt: 2 },
  ]);
});

function ticking(ms: number): () => number {
  let nowMs = 0;
  return () => (nowMs += ms);
}
