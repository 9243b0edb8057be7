import { beginUndo, type Beginning, type RefusedUndo } from '../../db/begin-effect';
import { settleAction } from '../../db/settle-action';
import { openTask, taskIdOf, withdrawTask } from '../../db/tasks';
import { outcomeOf } from '../../domain/words';
import { begin, readyAction, type SeededAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

const undo = ({ actionId }: SeededAction): Promise<Beginning<RefusedUndo>> =>
  world.as('worker', tenant, (client) =>
    beginUndo(client, tenant, { actionId, step: 'pay', target: 'bank', sendWithinMs: 2_000, grantTtlMs: 4_000 }),
  );

const setEffect = (kind: string, state: string): Promise<object[]> =>
  world.rows('update effects set state = $3 where tenant = $1 and kind = $2', [tenant, kind, state]);

async function doneAction(): Promise<SeededAction> {
  const action = await readyAction(world, tenant);
  await begin(world, action);
  await setEffect('do', 'done');
  return action;
}

describe('an undo', () => {
  it('begins once, under a grant and a key of its own', async () => {
    const action = await doneAction();
    const begun = {
      attempt: 1,
      grantId: `${action.actionId}.pay.undo.1`,
      idempotencyKey: `${tenant}/${action.actionId}/pay/undo`,
    };
    expect(await undo(action)).toEqual({ begun });
    expect(await undo(action)).toEqual({ refused: 'begun_before' });
    expect(await world.rows('select state from actions where tenant = $1', [tenant])).toEqual([{ state: 'undoing' }]);
  });

  it('I14 begins whatever was stopped since: fences, agent, cancellation, another bundle', async () => {
    const action = await doneAction();
    await world.rows(
      `insert into fences (tenant, scope, closed, reason, actor) values ($1, 'tenant', true, 'kill', 'bob')`,
      [tenant],
    );
    await world.rows(`update agents set state = 'quarantined' where tenant = $1`, [tenant]);
    await world.rows('update actions set cancel_requested_at = now() where tenant = $1', [tenant]);
    expect(await undo(action)).toHaveProperty('begun');
  });

  it('is sent again under the same key once the earlier attempt is given up', async () => {
    const action = await doneAction();
    await undo(action);
    await setEffect('undo', 'absent');
    const again = {
      attempt: 2,
      grantId: `${action.actionId}.pay.undo.2`,
      idempotencyKey: `${tenant}/${action.actionId}/pay/undo`,
    };
    expect(await undo(action)).toEqual({ begun: again });
  });

  it.each(['begun', 'unknown', 'absent', 'failed'])('is refused while the effect is %s', async (state) => {
    const action = await doneAction();
    await setEffect('do', state);
    expect(await undo(action)).toEqual({ refused: 'nothing_to_undo' });
  });

  it('is refused when nothing was ever begun', async () => {
    expect(await undo(await readyAction(world, tenant))).toEqual({ refused: 'nothing_to_undo' });
  });

  it('is refused once a person has mended it, and not before', async () => {
    const action = await doneAction();
    const trouble = { actionId: action.actionId, step: 'pay', kind: 'undo_stuck' } as const;
    await world.as('worker', tenant, (client) => openTask(client, tenant, trouble));
    expect(await undo(action)).toHaveProperty('begun');
    await setEffect('undo', 'absent');
    await world.as('worker', tenant, (client) => withdrawTask(client, tenant, taskIdOf(trouble), 'mended'));
    expect(await undo(action)).toEqual({ refused: 'mended_by_person' });
  });

  it('X77 is refused once the action has ended: what it did stands', async () => {
    const action = await doneAction();
    await world.as('worker', tenant, (client) =>
      settleAction(client, tenant, action.actionId, 'executed', outcomeOf('executed', [], {})),
    );
    expect(await undo(action)).toEqual({ refused: 'action_closed' });
    expect(await world.rows('select state from actions where tenant = $1', [tenant])).toEqual([{ state: 'executed' }]);
  });
});
