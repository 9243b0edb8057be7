import { randomUUID } from 'node:crypto';
import { appendWithin, type LedgerEntry } from '../../db/ledger';
import { requestIdOf } from '../../db/open-approval';
import { type JsonObject } from '../../domain/json';
import { honestEntries, honestly } from '../helpers/honest-entries';
import { seedTenant } from '../helpers/seed';
import { toldByProcesses } from '../helpers/told-by-processes';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
beforeAll(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
});
afterAll(() => world.close());

const TOLD = toldByProcesses();
const REFUSED = { code: '42501', message: 'ledger_append: such an entry says something else than its key' };

async function append(entry: LedgerEntry): Promise<void> {
  const teller = TOLD.find(({ event }) => event === entry.event)?.teller;
  if (teller === undefined) throw new Error(`nobody tells ${entry.event}`);
  await world.as(teller, tenant, (client) => appendWithin(client, tenant, [entry]));
}

it.each(honestEntries().map((entry) => [entry.key.replaceAll(/[0-9a-f-]{36}/g, '…'), entry] as const))(
  'what is told under %s says what its key says, and is taken',
  async (_, entry) => await append(entry),
);

/** Where a key has something random, or a digest of more than the entry: there it may have anything. */
const FREE: Readonly<Record<string, number>> = {
  'grant/x/found_alive/x': 3,
  'vote-refused/x/unlinked/x/x': 3,
  'decision/x/x/x/x/x': 5,
};

const DIRECTIONS = new Map([
  ['do', 'undo'],
  ['undo', 'do'],
]);

/** Each part of each key that is another in another entry of the same event. */
const PARTS = TOLD.flatMap((told) =>
  told.key
    .split('/')
    .map((part, at) => [`${told.event}: ${told.key}`, at, part, told] as const)
    .filter(([, at, part]) => /^(x|1|do|undo)$/.test(part) && FREE[told.key] !== at),
);

it.each(PARTS)('I7 %s is not told under a key that differs from it in part %d', async (_, at, part, told) => {
  const entry = honestly(told);
  const key = entry.key.split('/').map((each, i) => (i === at ? (DIRECTIONS.get(part) ?? `${each}9`) : each));
  await expect(append({ ...entry, key: key.join('/') })).rejects.toMatchObject(REFUSED);
});

const ACTION = `act-${randomUUID()}`;
const OTHER = `act-${randomUUID()}`;
const [grant, request, task] = [`${OTHER}.pay.do.1`, requestIdOf(OTHER, 1), `${OTHER}.pay.undo_stuck`];
const surface = 'email/bob/asked';

it.each<[event: string, key: string, lie: JsonObject]>([
  ['action.settled', 'action/x/settled', { grant }],
  ['action.settled', 'action/x/settled', { task }],
  ['action.requested', 'action/x/requested', { request }],
  ['action.decided', 'action/x/decided/1', { request }],
  ['approval.closed', 'approval/x/closed', { action: OTHER }],
  ['approval.shown', 'approval/x/shown/1/x', { surface }],
  ['vote.refused', 'vote-refused/x/x/x/x', { action: OTHER }],
  ['effect.done', 'effect/x/x/do/1/done', { grant }],
  ['grant.ended', 'grant/x/ended', { action: OTHER }],
  ['grant.overdue', 'grant/x/overdue', { action: OTHER }],
  ['task.opened', 'task/x/opened', { action: OTHER }],
  ['task.opened', 'task/x/opened', { step: 'refund' }],
  ['task.opened', 'task/x/opened', { kind: 'undo_stuck' }],
  ['people.refused', 'people-refused/x/x/x/x', { action: OTHER }],
  ['decision.reported', 'decision/x/x/x/x/x', { grant }],
  ['reconciliation.finished', 'reconciliation/x/finished', { request }],
])('I7 %s under %s does not say besides: %j', async (event, key, lie) => {
  const { entry, ...told } = honestly({ event, key }, ACTION);
  await expect(append({ ...told, entry: { ...entry, ...lie } })).rejects.toMatchObject(REFUSED);
});

it.each(TOLD.map((told) => [`${told.event} as ${told.key}`, told] as const))(
  'I7 %s does not leave out what it is about',
  async (_, told) => await expect(append({ ...honestly(told), entry: {} })).rejects.toMatchObject(REFUSED),
);

it('one lie in a call is enough to refuse all of it', async () => {
  const [first, second] = [honestly({ event: 'action.settled', key: 'action/x/settled' }), { action: OTHER }];
  const lie = { key: `action/${ACTION}/settled`, event: 'action.settled', entry: second };
  const call = world.as('worker', tenant, (client) => appendWithin(client, tenant, [first, lie]));
  await expect(call).rejects.toMatchObject(REFUSED);
  expect(await world.rows('select from ledger where tenant = $1 and key = $2', [tenant, first.key])).toEqual([]);
});
