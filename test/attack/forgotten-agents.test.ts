import { inTransaction } from '../../db/in-transaction';
import { enqueueForgotten } from '../../db/enqueue-forgotten';
import { seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const HOUR_MS = 3_600_000;
const AGED = `now() - interval '61 minutes'`;
const sql = (text: string): Promise<object[]> => world.rows(text, [tenant]);
/** Answers with what the outbox then has to send for this tenant. */
async function wake(): Promise<object[]> {
  await inTransaction(world.loops, (client) => enqueueForgotten(client, HOUR_MS, 100));
  return await sql(
    `select kind, coalesce(agent, departure) as of, generation from outbox where tenant = $1 and done_at is null order by kind, 2`,
  );
}
/** As if everything that was ever sent had been sent longer ago than is asked about, or just now. */
const send = (at: string): Promise<object[]> => sql(`update outbox set done_at = ${at} where tenant = $1`);

const DEPARTURE = 'dep-00000000-0000-4000-8000-000000000000';

/** An agent in each state, of its second generation, and a departure; all more than an hour old. */
beforeEach(async () => {
  tenant = await seedTenant(world);
  await sql(
    `insert into agents (tenant, agent, generation, version, owner, creator, team, environment, state, state_since)
     select $1, s, 2, '1', 'alice', 'oscar', 'finance', 'test', s, ${AGED}
     from unnest('{onboarding,active,paused,quarantined,offboarding,offboarded}'::text[]) s`,
  );
  await sql(
    `insert into departures (tenant, person, departure, actor, reason, left_at)
     values ($1, 'frank', '${DEPARTURE}', 'alice', 'r', ${AGED})`,
  );
});

const FORGOTTEN = [
  { kind: 'agent', of: 'offboarding', generation: 2 },
  { kind: 'agent', of: 'onboarding', generation: 2 },
  { kind: 'departure', of: DEPARTURE, generation: null },
];

describe('I3 an agent on its way in or out, and a departure, whose workflow was told nothing for an hour', () => {
  it('is woken, once', async () => {
    await send(AGED);
    expect([await wake(), await wake()]).toEqual([FORGOTTEN, FORGOTTEN]);
    await send(AGED);
    expect(await wake()).toEqual(FORGOTTEN);
  });

  it('is left alone where it was told something within the hour', async () => {
    await sql(`insert into outbox (tenant, kind, departure) values ($1, 'departure', '${DEPARTURE}')`);
    await send('now()');
    expect(await wake()).toEqual([]);
  });

  it('is left alone where it began within the hour', async () => {
    await send(AGED);
    await sql('update agents set state_since = now() where tenant = $1');
    await sql('update departures set left_at = now() where tenant = $1');
    expect(await wake()).toEqual([]);
  });

  it('is not told by what was said to a generation before it', async () => {
    await sql(`update outbox set generation = 1 where tenant = $1 and kind = 'agent'`);
    await send('now()');
    expect(await wake()).toEqual(FORGOTTEN);
  });

  it('is over with its end', async () => {
    await sql(`update agents set state = 'offboarded', state_since = ${AGED} where tenant = $1`);
    await sql('update departures set finished_at = now() where tenant = $1');
    await send(AGED);
    expect(await wake()).toEqual([]);
  });
});
