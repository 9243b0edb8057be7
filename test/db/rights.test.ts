import { Pool } from 'pg';
import { type Rights, tryRights } from '../helpers/try-rights';
import { createWorld, type World } from '../helpers/world';
import { MAY } from './may';

const NOTHING: Rights = { select: [], insert: [], update: [], delete: [], truncate: [], execute: [] };

function sorted(rights: Rights): Rights {
  return Object.fromEntries(
    Object.entries(rights).map(([verb, names]) => [verb, [...names].sort()]),
  ) as unknown as Rights;
}

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test.each(['gateway', 'worker', 'loops', 'auditor'] as const)(
  'I7 the role %s may do with every table and function what is written, and is refused the rest',
  async (role) => {
    expect(sorted(await tryRights(world[role]))).toEqual(sorted({ ...NOTHING, ...MAY[role] }));
  },
);

test('I7 a role that nobody thought of may do nothing', async () => {
  await world.superuser.query('create role countersign_stranger');
  try {
    expect(await tryRights(world.superuser, 'countersign_stranger')).toEqual({ ...NOTHING, ...MAY.public });
  } finally {
    await world.superuser.query('drop role countersign_stranger');
  }
});

test('I7 no role makes, changes or lends anything in the schema, and none becomes another', async () => {
  for (const role of ['gateway', 'worker', 'loops', 'auditor'] as const)
    for (const statement of FOR_OWNERS) {
      const refused = world.as(role, 'demo', async (client) => {
        if (role === 'auditor') await client.query('set transaction read write');
        await client.query(statement);
      });
      await expect(refused).rejects.toMatchObject({ code: '42501' });
    }
});

const FOR_OWNERS = [
  'create table sneaked (a int)',
  'create temp table sneaked (a int)',
  'create function sneaked() returns int language sql as $$ select 1 $$',
  'create schema sneaked',
  'create trigger sneaked before insert on votes for each row execute function refuse_change()',
  'alter table ledger disable trigger all',
  'create policy sneaked on votes using (true)',
  'create role sneaked',
  'alter role countersign_gateway superuser',
  'set role countersign_owner',
  'set role countersign_guard',
  'set role countersign_ledger',
  'set role countersign_identity',
  'set session_replication_role = replica',
];

test('I7 the owner of the schema is no superuser: the server and its files stay closed', async () => {
  const owner = new Pool({ connectionString: world.ownerUrl, max: 1 });
  try {
    for (const statement of FOR_SUPERUSERS)
      await expect(owner.query(statement)).rejects.toMatchObject({ code: '42501' });
  } finally {
    await owner.end();
  }
});

const FOR_SUPERUSERS = [
  'alter role countersign_owner superuser',
  'alter role countersign_owner bypassrls',
  'create role sneaked',
  'set session_replication_role = replica',
  "select pg_read_file('postgresql.conf')",
  "copy (select 1) to '/tmp/sneaked'",
  "copy (select 1) to program 'true'",
  "alter system set log_statement = 'all'",
  'set role countersign_gateway',
  'set role countersign_auditor',
];
