import { createSettle } from '../../activities/settle';
import { appendWithin } from '../../db/ledger';
import { readyAction, seedTenant } from '../helpers/seed';
import { createWorkshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

describe.each(['gateway', 'worker'] as const)('X71 a %s that was taken over cannot write into the ledger', (role) => {
  it.each([
    ['that somebody voted', (request: string) => `vote/${request}/bob/approve`],
    ['that a fence was moved', () => 'fence/global/7'],
    ['that a restored database was acknowledged', () => 'restore/41/acknowledged'],
    ['that somebody had targets looked at', () => 'reconciliation/rec-1/asked'],
    ['that an effect may begin', (_: string, action: string) => `effect/${action}/pay/do/1/begun`],
    ['what became of an effect', (_: string, action: string) => `task/${action}.pay.unknown_outcome.1/resolved`],
    ['that access was claimed', (_: string, action: string) => `grant/${action}.pay.do.1/claimed/1`],
    ['that a credential was made', (_: string, action: string) => `grant/${action}.pay.do.1/minted/1`],
    ['that access was given back', (_: string, action: string) => `grant/${action}.pay.do.1/returned`],
  ])('%s', async (_, keyOf) => {
    const tenant = await seedTenant(world);
    const { request, actionId } = await readyAction(world, tenant);
    const entry = { key: keyOf(request, actionId), event: 'made.up', entry: { person: 'bob' } };
    await expect(world.as(role, tenant, (client) => appendWithin(client, tenant, [entry]))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(
      world.as(role, tenant, (client) =>
        client.query('select ledger_write($1, array[$2], array[$3], null)', [tenant, entry.key, '{"event":"a.b"}']),
      ),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

describe.each(['gateway', 'loops'] as const)(
  'X71 a %s that was taken over cannot tell before the worker does',
  (role) => {
    it.each([
      ['what was decided', 'action.decided', (action: string) => `action/${action}/decided/1`],
      ['that an effect was done', 'effect.done', (action: string) => `effect/${action}/pay/do/1/done`],
      ['that access has ended', 'grant.ended', (action: string) => `grant/${action}.pay.do.1/ended`],
      ['that people agreed', 'approval.closed', (_: string, request: string) => `approval/${request}/closed`],
      ['how an action ended', 'action.settled', (action: string) => `action/${action}/settled`],
    ])('%s', async (_, event, keyOf) => {
      const tenant = await seedTenant(world);
      const { request, actionId } = await readyAction(world, tenant);
      const key = keyOf(actionId, request);
      // By its own name, and with an event that this process does tell.
      for (const told of [event, role === 'gateway' ? 'action.requested' : 'approval.shown']) {
        const entry = { key, event: told, entry: { action: actionId, ending: 'executed' } };
        await expect(world.as(role, tenant, (client) => appendWithin(client, tenant, [entry]))).rejects.toMatchObject({
          code: '42501',
        });
      }
    });

    it('and so what is true is written', async () => {
      const tenant = await seedTenant(world);
      const { actionId } = await readyAction(world, tenant);
      const key = `action/${actionId}/settled`;
      const forged = { key, event: 'action.settled', entry: { action: actionId, ending: 'executed' } };
      await Promise.allSettled([world.as(role, tenant, (client) => appendWithin(client, tenant, [forged]))]);
      const { deps } = createWorkshop(world);
      await createSettle(deps)({ tenant, actionId, stopped: 'cancelled', codes: ['cancelled_on_request'] });
      const sql = `select leaf::json -> 'entry' ->> 'ending' as ending from ledger where tenant = $1 and key = $2`;
      expect(await world.rows(sql, [tenant, key])).toEqual([{ ending: 'cancelled' }]);
    });
  },
);

it('X71 a worker that was taken over cannot tell more of an action whose own keys are written', async () => {
  const tenant = await seedTenant(world);
  const [one, other] = [await readyAction(world, tenant), await readyAction(world, tenant)];
  const { deps } = createWorkshop(world);
  await createSettle(deps)({ tenant, actionId: one.actionId, stopped: 'cancelled', codes: ['cancelled_on_request'] });
  const said = { action: one.actionId, step: 'pay', kind: 'do', attempt: 1, ending: 'executed' };
  for (const [key, event] of [
    [`action/${other.actionId}/settled`, 'action.settled'],
    [`effect/${other.actionId}/pay/do/1/done`, 'effect.done'],
  ] as const) {
    const forged = world.as('worker', tenant, (client) => appendWithin(client, tenant, [{ key, event, entry: said }]));
    await expect(forged).rejects.toMatchObject({ code: '42501' });
  }
  const sql = `select leaf::json -> 'entry' ->> 'event' as event from ledger
    where tenant = $1 and leaf::json -> 'entry' ->> 'action' = $2 and leaf::json -> 'entry' ->> 'event' ~ '^(action.settled|effect.done)$'`;
  expect(await world.rows(sql, [tenant, one.actionId])).toEqual([{ event: 'action.settled' }]);
});
