import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type DemoLogins, seedDemo } from '../../stack/seed-demo';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { temporaryDirectory } from '../helpers/temporary-directory';

let database: TestDatabase;
let directory: string;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = temporaryDirectory();
});
afterAll(() => database.drop());

const seed = (groups: readonly string[]): Promise<DemoLogins> =>
  seedDemo({ databaseUrl: database.ownerUrl, path: join(directory, 'demo.json'), groups });

async function query(url: string, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

test('its logins let the agent and the people in, and seeding again changes none of them', async () => {
  const first = await seed(['finance-approvers']);
  const second = await seed(['finance-approvers']);
  expect(second).toEqual(first);
  expect(
    await query(database.gatewayUrl, 'select * from authenticate_agent($1::bytea)', [hashOf(first.agentKey)]),
  ).toEqual([{ tenant: 'demo', agent: 'invoice-agent' }]);
  expect(
    await query(database.gatewayUrl, 'select tenant, person, roles from authenticate_person($1::bytea)', [
      hashOf(first.people.bob.token),
    ]),
  ).toEqual([{ tenant: 'demo', person: 'bob', roles: ['approver', 'operator'] }]);
});

test('whoever approves is in every group that a chain names; alice, who owns the agent, is in none', async () => {
  await seed(['finance-approvers', 'controllers']);
  const rows = await query(
    database.superuserUrl,
    'select person, array_agg(group_name order by group_name) as groups from group_members group by person order by person',
  );
  expect(rows).toEqual([
    { person: 'bob', groups: ['controllers', 'finance-approvers'] },
    { person: 'carol', groups: ['controllers', 'finance-approvers'] },
  ]);
});

test('everybody is marked as demo, and only we can read the logins', async () => {
  await seed([]);
  expect(await query(database.superuserUrl, 'select bool_and(demo) as demo from people')).toEqual([{ demo: true }]);
  expect(statSync(join(directory, 'demo.json')).mode & 0o077).toBe(0);
});

test('the database holds no login, only hashes', async () => {
  const { agentKey, people } = await seed([]);
  const dump = JSON.stringify([
    await query(database.superuserUrl, 'select row_to_json(k) from agent_keys k'),
    await query(database.superuserUrl, 'select row_to_json(t) from person_tokens t'),
  ]);
  for (const secret of [agentKey, people.alice.token, people.bob.token]) {
    expect(dump).not.toContain(secret);
    expect(readFileSync(join(directory, 'demo.json'), 'utf8')).toContain(secret);
  }
});

test('people are found in Slack and by mail where the seed says so, and seeding again changes nothing', async () => {
  const reach = [
    { person: 'bob', slack: { team: 'T0DEMO', user: 'U0BOB' } },
    { person: 'carol', slack: { team: 'T0DEMO', user: 'U0CAROL' }, mail: 'carol@example.com' },
  ];
  const path = join(directory, 'demo.json');
  for (let i = 0; i < 2; i += 1) await seedDemo({ databaseUrl: database.ownerUrl, path, groups: [], reach });
  const { superuserUrl } = database;
  expect(await query(superuserUrl, 'select person, slack_user from slack_identities order by person')).toEqual([
    { person: 'bob', slack_user: 'U0BOB' },
    { person: 'carol', slack_user: 'U0CAROL' },
  ]);
  expect(await query(superuserUrl, 'select person, address from person_addresses')).toEqual([
    { person: 'carol', address: 'carol@example.com' },
  ]);
});
