import { randomUUID } from 'node:crypto';
import { claimGrant } from '../../db/claim-grant';
import { inTransaction } from '../../db/in-transaction';
import {
  askReconciliation,
  findReconciliation,
  finishReconciliation,
  ownersOfRoles,
  standingGrants,
} from '../../db/reconciliations';
import { returnGrant } from '../../db/return-grant';
import { roleName } from '../../providers/postgres/role-name';
import { beginLent, handOut } from '../helpers/lend-grant';
import { moveFence } from '../helpers/move-fence';
import { digest, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

const ME = { agent: 'payer', generation: 1 };
const held = async (): Promise<boolean[]> =>
  (await world.as('worker', tenant, (client) => standingGrants(client, tenant))).map((grant) => grant.held);

describe('a credential has to be at its target', () => {
  it('once it was handed out, and not before', async () => {
    const { grantId } = await beginLent(world, tenant);
    expect(await held()).toEqual([false]);
    await handOut(world, tenant, grantId);
    expect(await held()).toEqual([true]);
  });

  it.each<[string, (grantId: string) => Promise<unknown>]>([
    [
      'it was given back',
      (grant) =>
        world.as('gateway', tenant, (client) => returnGrant(client, tenant, grant, ME, { as: 'done', report: null })),
    ],
    ['its time is over', (grant) => world.rows('update grants set expires_at = now() where grant_id = $1', [grant])],
    ['it was fenced', () => moveFence(world.superuser, tenant, 'tenant', true)],
    [
      'another one is made in its place',
      (grant) => world.as('gateway', tenant, (client) => claimGrant(client, tenant, grant, ME, 'n'.repeat(43))),
    ],
  ])('no more when %s', async (_, end) => {
    const { grantId } = await beginLent(world, tenant);
    await handOut(world, tenant, grantId);
    await end(grantId);
    expect(await held()).toEqual([false]);
  });
});

it('X85 whose a login role is, is found among more grants than are read at once', async () => {
  const { action, grantId } = await beginLent(world, tenant);
  await world.rows(
    `insert into grants (tenant, grant_id, action, step, agent, target, expires_at)
     select $1, 'many-' || lpad(n::text, 6, '0'), $2, 'pay', 'payer', 'bank', now() from generate_series(1, 12000) n`,
    [tenant, action.actionId],
  );
  const names = [grantId, 'many-000001', 'many-012000', `act-${randomUUID()}.pay.do.1`].map(roleName);
  const owners = await inTransaction(world.loops, (client) => ownersOfRoles(client, names));
  expect(names.map((name) => owners.get(name)?.grantId)).toEqual([grantId, 'many-000001', 'many-012000', undefined]);
  expect(await inTransaction(world.loops, (client) => ownersOfRoles(client, []))).toEqual(new Map());
});

it('is finished once: what was found does not change, however many workers looked', async () => {
  await world.rows(`update people set roles = '{operator}' where tenant = $1 and person = 'bob'`, [tenant]);
  const asked = await world.as('gateway', tenant, (client) =>
    askReconciliation(client, tenant, { actor: 'bob', endsAliensOf: null, reason: null }),
  );
  if ('refused' in asked) throw new Error(asked.refused);
  const finish = (of: string): Promise<boolean> =>
    world.as('worker', tenant, (client) =>
      finishReconciliation(client, tenant, asked.id, { targets: [], findings: [], digest: digest(of) }),
    );
  expect([await finish('a'), await finish('b')]).toEqual([true, false]);
  const found = await world.as('gateway', tenant, (client) => findReconciliation(client, tenant, asked.id));
  expect(found?.digest).toBe(digest('a'));
});
