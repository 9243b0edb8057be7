import { appendWithin, type LedgerEntry } from '../../db/ledger';
import { honestly } from '../helpers/honest-entries';
import { seedTenant } from '../helpers/seed';
import { entriesIn, type Teller, type ToldEntry, toldByProcesses } from '../helpers/told-by-processes';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
});
afterAll(() => world.close());

const TOLD = toldByProcesses();
const TELLERS = ['gateway', 'worker', 'loops'] as const;

const append = (role: Teller | 'superuser', entry: LedgerEntry): Promise<void> =>
  world.as(role, tenant, (client) => appendWithin(client, tenant, [entry]));

const namesOf = (told: readonly ToldEntry[]): readonly string[] =>
  told.map(({ teller, key, event }) => `${teller}: ${event} ${key}`).sort();

test('what processes write into the ledger is read from their sources', () => {
  expect(namesOf(TOLD)).toEqual(
    expect.arrayContaining([
      ...['gateway: action.requested action/x/requested', 'gateway: vote.refused vote-refused/x/x/x/x'],
      ...['worker: action.decided action/x/decided/1', 'worker: effect.absent effect/x/x/undo/1/absent'],
      ...['worker: reconciliation.finished reconciliation/x/finished', 'loops: approval.shown approval/x/shown/1/x'],
    ]),
  );
  expect(TOLD.length).toBeGreaterThan(20);
});

test('and what cannot be read is an error, so that no new entry is passed over', () => {
  const read = (file: string, literal: string) => entriesIn(file, `function f() { return ${literal}; }`);
  expect(read('gateway/new.ts', '{ key: `new/${id}`, event: "new.event", entry }')).toEqual([
    { teller: 'gateway', key: 'new/x', event: 'new.event' },
  ]);
  for (const [file, literal] of [
    ['loops/new.ts', '{ key: `new/${id}`, event: "new.event", entry }'],
    ['gateway/new.ts', '{ key, event: "new.event", entry }'],
    ['gateway/new.ts', '{ key: keyOf(id), event: "new.event", entry }'],
    ['gateway/new.ts', '{ key: `new/${id}`, event: nameOf(it), entry }'],
    ['gateway/new.ts', '{ ...base, event: "new.event", entry }'],
  ] as const)
    expect(() => read(file, literal)).toThrow(file);
});

// The others first: an entry that one of them had written would not be written again.
test.each(TOLD.map((told) => [`${told.event} as ${told.key}`, told] as const))(
  'I7 %s is told by the login of its process, and by no other',
  async (_, told) => {
    const entry = honestly(told);
    for (const role of [...TELLERS.filter((each) => each !== told.teller), 'superuser'] as const)
      await expect(append(role, entry)).rejects.toMatchObject({ code: '42501' });
    await append(told.teller, entry);
    expect(await world.rows('select from ledger where tenant = $1 and key = $2', [tenant, entry.key])).toHaveLength(1);
  },
);

test('I7 no event is told under the key of another, and nothing besides', async () => {
  const keys = [...TOLD.map(({ key }) => key), 'free'];
  const events = [...TOLD.map(({ event }) => event), 'free.event'];
  const allowed = await world.rows<ToldEntry>(
    `select distinct teller, key, event from unnest($1::text[]) teller, unnest($2::text[]) key, unnest($3::text[]) event
     where may_tell('countersign_' || teller, key, event)`,
    [[...TELLERS, 'owner', 'auditor', 'ledger', 'guard'], keys, events],
  );
  expect(namesOf(allowed)).toEqual(namesOf(TOLD));
});

test('no login may tell an event that its process does not write', async () => {
  const [body] = await world.rows<{ text: string }>(`select prosrc as text from pg_proc where proname = 'may_tell'`);
  const rows = [...(body?.text ?? '').matchAll(/when 'countersign_(\w+)'|when '(\w+\.\w+)'/g)];
  const granted = new Set<string>();
  let teller = '';
  for (const [, login, event] of rows) {
    if (login !== undefined) teller = login;
    else granted.add(`${teller}: ${event ?? ''}`);
  }
  expect([...granted].sort()).toEqual([...new Set(TOLD.map(({ teller, event }) => `${teller}: ${event}`))].sort());
});
