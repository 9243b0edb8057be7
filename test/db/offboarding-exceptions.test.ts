import { type ExceptResult, exceptFromOffboarding } from '../../db/offboarding';
import { recordRevocation } from '../../db/record-revocation';
import { beginLent } from '../helpers/lend-grant';
import { AGENT, seedTenant } from '../helpers/seed';
import { showKey } from '../helpers/show-key';
import { createWorld, type World } from '../helpers/world';

/* Alice owns the agent that leaves and oscar made it; olaf and olga operate, and bob is nobody to it. */

let world: World;
let tenant: string;
let action: string;
let grant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => {
  tenant = await seedTenant(world);
  await world.rows(
    `insert into people (tenant, person, name, roles) select $1, p, p, '{operator}' from unnest('{olaf,olga}'::text[]) p`,
    [tenant],
  );
  const lent = await beginLent(world, tenant);
  [action, grant] = [lent.action.actionId, lent.grantId];
});
afterAll(() => world.close());

const run = (sql: string) => (): Promise<object[]> => world.rows(sql, [tenant]);
const except = (actor: string, subject: string): Promise<ExceptResult> =>
  world.as('gateway', tenant, (client) =>
    exceptFromOffboarding(client, tenant, { actor, reason: 'asked the bank by phone' }, AGENT.id, subject),
  );
const accepted = (): Promise<object[]> =>
  world.rows(`select subject, accepted_by as by from offboarding_exceptions where tenant = $1 order by subject`, [
    tenant,
  ]);

/** All its keys have ended, and its credential has, for which nobody could look. */
async function leaves(): Promise<void> {
  await run(`update agents set state = 'offboarding', state_since = clock_timestamp() where tenant = $1`)();
  await run(`update agent_credentials set revoked_at = coalesce(revoked_at, clock_timestamp()) where tenant = $1`)();
  await world.as('worker', tenant, (client) => recordRevocation(client, tenant, grant, { kind: 'revoked' }));
}

describe('what an offboarding need not wait for', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['was shown a key of it', () => showKey(world.superuser, tenant, 'olga')],
    [
      'was shown a key of it that had ended long before',
      () => showKey(world.superuser, tenant, 'olga', { ended: `now() - interval '1 day'` }),
    ],
    [
      'was shown a key of the agent that it comes from',
      async () => {
        await run(
          `insert into agents (tenant, agent, version, owner, creator, team, environment)
           values ($1, 'above', '1', 'alice', 'oscar', 'finance', 'test')`,
        )();
        await run(`update agents set parent = 'above', parent_generation = 1 where tenant = $1 and agent = 'payer'`)();
        await showKey(world.superuser, tenant, 'olga', { agent: 'above' });
      },
    ],
    ['is whom the agent acted for', run(`update actions set on_behalf_of = 'olga' where tenant = $1`)],
    ['owned the agent when it asked', run(`update actions set agent_owner = 'olga' where tenant = $1`)],
    [
      'is one human with whom the agent acted for',
      async () => {
        await run(`update actions set on_behalf_of = 'bob' where tenant = $1`)();
        await run(`update people set human = 'bob' where tenant = $1 and person = 'olga'`)();
      },
    ],
  ])('X8 is not said by whoever %s, but by somebody else who operates', async (_, link) => {
    await link();
    await leaves();
    expect([await except('olga', action), await except('olga', grant)]).toEqual(['self_approval', 'self_approval']);
    expect(await accepted()).toEqual([]);
    expect([await except('olaf', action), await except('olaf', grant)]).toEqual(['done', 'done']);
    expect(await accepted()).toEqual([action, grant].sort().map((subject) => ({ subject, by: 'olaf' })));
  });

  it('is said by whoever operates and is nothing to the agent, once', async () => {
    await leaves();
    expect([await except('bob', action), await except('olga', 'act-none')]).toEqual(['forbidden', 'not_found']);
    expect([await except('olga', action), await except('olaf', action)]).toEqual(['done', 'not_found']);
    expect(await accepted()).toEqual([{ subject: action, by: 'olga' }]);
  });
});
