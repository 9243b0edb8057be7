import { activateBundle } from '../../db/activate-bundle';
import { recordEffect } from '../../db/record-effect';
import { settleAction } from '../../db/settle-action';
import { listStops, type Stop, stopScope, type StopResult } from '../../db/stops';
import { begin, BUNDLE, decideOn, digest, readyAction, seedAction, seedTenant, TYPE } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => {
  tenant = await seedTenant(world);
  await world.rows(`update people set roles = '{operator}' where tenant = $1 and person = 'bob'`, [tenant]);
});
afterAll(() => world.close());

const stop = (scope: string, of = tenant): Promise<StopResult> =>
  world.as('gateway', of, (client) => stopScope(client, of, { actor: 'bob', reason: 'a drill' }, scope));
const stops = (): Promise<Stop[]> => world.as('gateway', tenant, (client) => listStops(client, tenant));

const over = (actionId: string): Promise<unknown> =>
  world.as('worker', tenant, (client) =>
    settleAction(client, tenant, actionId, 'denied', { kind: 'denied', say: 'No.', reasons: [] }),
  );

describe('a stop of an action type', () => {
  const scope = `action-type:${TYPE.id}`;

  it('K1 is refused where nobody can ask for it: it would stop nothing', async () => {
    expect(await stop(scope)).toEqual({ refused: 'not_found' });
    expect(await stops()).toEqual([]);
  });

  it('K1 is taken where something of it is open, though the catalogue has dropped it; of another tenant it is not', async () => {
    const { actionId } = await seedAction(world, tenant);
    expect(await stop(scope, await seedTenant(world))).not.toHaveProperty('epoch');
    expect(await stop(scope)).toHaveProperty('epoch');
    expect(await stops()).toMatchObject([{ scope, agents: 0, openActions: 1, begun: [] }]);
    await over(actionId);
    expect(await stop(scope)).toEqual({ refused: 'not_found' });
  });

  it('K1 is taken where the catalogue in force has it, and not where only an earlier one had it', async () => {
    const put = (version: number, types: object): Promise<unknown> =>
      activateBundle(
        world.worker,
        { digest: digest(String(version)), version },
        JSON.stringify({ content: { catalogue: { actionTypes: types } } }),
      );
    try {
      await put(BUNDLE.version + 1, { [TYPE.id]: {} });
      expect(await stop(scope)).toHaveProperty('epoch');
      expect(await stop('action-type:pay.invoic')).toEqual({ refused: 'not_found' });
      await put(BUNDLE.version + 2, { 'pay.refund': {} });
      expect(await stop(scope)).toEqual({ refused: 'not_found' });
    } finally {
      await world.rows('delete from bundles where version > $1', [BUNDLE.version]);
    }
  });
});

describe('what is stopped', () => {
  it('K2 is listed with what had begun and has not ended, and nothing else of the tenant or of another', async () => {
    const [begun, unknown, done, settled] = [
      await readyAction(world, tenant),
      await readyAction(world, tenant),
      await readyAction(world, tenant),
      await readyAction(world, tenant),
    ];
    await readyAction(world, tenant); // nothing of it began
    await begin(world, await readyAction(world, await seedTenant(world)));
    for (const action of [begun, unknown, done, settled]) await begin(world, action);
    const end = ({ actionId }: { readonly actionId: string }, state: 'unknown' | 'done'): Promise<boolean> =>
      world.as('worker', tenant, (client) =>
        recordEffect(client, tenant, { actionId, step: 'pay', kind: 'do', attempt: 1, state }),
      );
    await end(unknown, 'unknown');
    await end(done, 'done');
    await over(settled.actionId);

    await stop('team:finance');
    const left = (state: string, { actionId }: { readonly actionId: string }): object => ({
      ...{ action: actionId, step: 'pay', kind: 'do', state },
    });
    expect(await stops()).toMatchObject([
      {
        ...{ scope: 'team:finance', agents: 1, openActions: 4 },
        begun: [left('begun', begun), left('unknown', unknown)],
      },
    ]);
    await end(begun, 'done');
    await end(unknown, 'done');
    expect(await stops()).toMatchObject([{ openActions: 4, begun: [] }]);
  });

  it('K2 lists access that is lent until it was given back, and is empty once no credential lives', async () => {
    const action = await seedAction(world, tenant, { type: { ...TYPE, effect: 'read', lane: 'granted' } });
    await decideOn(world, action);
    await decideOn(world, action, { stage: 'preflight/pay' });
    const beginning = await begin(world, action, { grantTtlMs: 60_000 });
    expect(beginning).toHaveProperty('begun');
    await stop('agent:payer');
    expect(await stops()).toMatchObject([{ begun: [{ action: action.actionId, state: 'begun' }] }]);
    await world.rows(
      `update grants set state = 'revoked', ended_by = 'revoked', revoked_at = now() where action = $1`,
      [action.actionId],
    );
    await world.rows(`update effects set state = 'done', settled_at = now() where action = $1`, [action.actionId]);
    expect(await stops()).toMatchObject([{ scope: 'agent:payer', agents: 1, openActions: 1, begun: [] }]);
  });
});
