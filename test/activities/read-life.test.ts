import { createReadLife } from '../../activities/agents/read-life';
import { type NewAgent, registerAgent } from '../../db/change-agents';
import * as queries from '../../db/queries';
import { transactionsOf } from '../../db/transactions-of';
import { digest, seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());
beforeEach(async () => {
  tenant = await seedTenant(world);
  await world.rows(
    `insert into people (tenant, person, name, roles) values ($1, 'olaf', 'olaf', '{operator}'), ($1, 'rita', 'rita', '{owner}')`,
    [tenant],
  );
  const agent: NewAgent = {
    ...{ agent: 'clerk', owner: 'rita', team: 'finance', environment: 'test', purpose: 'Answers.', riskTier: 'low' },
    ...{ roles: [], dataScopes: [], version: '1', digest: digest('1'), content: {} },
  };
  await world.as('gateway', tenant, (client) =>
    registerAgent(client, tenant, { actor: 'olaf', reason: 'for the pilot' }, agent),
  );
});

const readLife = () =>
  createReadLife({ db: { ...queries, ...transactionsOf(world.worker) } })({ tenant, agent: 'clerk', generation: 1 });
const proposals = () => world.rows('select state from proposals where tenant = $1', [tenant]);

it('waits for whoever is to let an agent in, for as long as that may take', async () => {
  const life = await readLife();
  expect(life).toMatchObject({ kind: 'lives', state: 'onboarding', owner: 'rita' });
  expect(life.kind === 'lives' && life.wakeInMs).toBeGreaterThan(86_400_000);
  expect(await proposals()).toEqual([{ state: 'open' }]);
});

it('is over with an agent that nobody let in within that time, once', async () => {
  await world.rows(`update proposals set expires_at = now() where tenant = $1`, [tenant]);
  for (let i = 0; i < 2; i += 1)
    expect(await readLife()).toEqual({ kind: 'lives', state: 'offboarded', owner: 'rita' });
  expect(await proposals()).toEqual([{ state: 'expired' }]);
  const moved = await world.rows(
    `select leaf::jsonb -> 'entry' ->> 'actor' as actor, leaf::jsonb -> 'entry' ->> 'to' as state from ledger
     where tenant = $1 and leaf::jsonb -> 'entry' ->> 'event' = 'agent.moved'`,
    [tenant],
  );
  expect(moved).toEqual([{ actor: 'countersign', state: 'offboarded' }]);
});

it('knows no generation that there never was', async () => {
  await world.rows(`update agents set generation = 2 where tenant = $1`, [tenant]);
  expect(await readLife()).toEqual({ kind: 'gone' });
});
