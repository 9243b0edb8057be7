import { type RefusedBeginning } from '../../db/begin-effect';
import { requestCancel } from '../../db/request-cancel';
import { markAction, settleAction } from '../../db/settle-action';
import { outcomeOf } from '../../domain/words';
import { moveFence } from '../helpers/move-fence';
import { begin, readyAction, type SeededAction, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

const sql = (statement: string): Promise<object[]> => world.rows(statement, [tenant]);

const SINCE: readonly (readonly [
  since: string,
  refused: RefusedBeginning,
  happens: (action: SeededAction) => Promise<unknown>,
])[] = [
  [
    'somebody asked to cancel since',
    'cancelled',
    ({ actionId }) => world.as('gateway', tenant, (client) => requestCancel(client, tenant, actionId, 'agent:payer')),
  ],
  ['its scope was fenced since', 'scope_fenced', () => moveFence(world.superuser, tenant, 'tenant', true)],
  [
    'its agent was quarantined since',
    'agent_not_active',
    () => sql(`update agents set state = 'quarantined' where tenant = $1`),
  ],
  [
    'the action has ended since',
    'action_closed',
    ({ actionId }) =>
      world.as('worker', tenant, (client) =>
        settleAction(client, tenant, actionId, 'executed', outcomeOf('executed', [], {})),
      ),
  ],
];

it.each(SINCE)('X15 an effect that was begun says so, and not what would stop it now: %s', async (_, __, since) => {
  const action = await readyAction(world, tenant);
  expect(await begin(world, action)).toHaveProperty('begun');
  await since(action);
  expect(await begin(world, action)).toEqual({ refused: 'begun_before' });
  expect(await world.rows('select state, attempt from effects where tenant = $1', [tenant])).toEqual([
    { state: 'begun', attempt: 1 },
  ]);
});

it('X64 nothing begins of an action that is being undone, also where no undo has begun yet', async () => {
  const action = await readyAction(world, tenant);
  await world.as('worker', tenant, (client) => markAction(client, tenant, action.actionId, 'undoing', ['operators']));
  await world.as('worker', tenant, (client) => markAction(client, tenant, action.actionId, 'waiting', []));
  expect(await begin(world, action)).toEqual({ refused: 'action_closed' });
});

it.each(SINCE)(
  'X61 but is stopped by it where the attempt is known not to have happened: %s',
  async (_, refused, since) => {
    const action = await readyAction(world, tenant);
    await begin(world, action);
    await sql(`update effects set state = 'absent' where tenant = $1`);
    await since(action);
    expect(await begin(world, action)).toEqual({ refused });
  },
);
