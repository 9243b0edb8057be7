import { Client } from 'pg';
import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { type Lending, startLending } from '../helpers/lending';
import { ended, requestOf, vote } from '../helpers/pay';
import { moveFenceAt } from '../helpers/move-fence';

/*
 * The ledger cannot be written, while everything else can: nothing begins, and nothing that ends something waits for it.
 */

let lending: Lending;
let superuser: Client;
beforeAll(async () => {
  lending = await startLending();
  superuser = await connect(lending.spine.database.superuserUrl);
}, 60_000);
afterEach(() => lending.hangUp());
afterAll(async () => {
  await superuser.end();
  await lending.stop();
});

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

/** Whose ends the ledger could not take; they are tried again ever more rarely, so that the last test waits for all of them at once. */
const lentMeanwhile: string[] = [];

/** Each with what puts it right again. */
const BREAKAGES: readonly (readonly [string, string, string])[] = [
  [
    'its disk is full',
    `create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
     create trigger full_disk before insert on ledger for each row execute function full_disk()`,
    'drop trigger full_disk on ledger; drop function full_disk()',
  ],
  ['somebody holds a lock on all of it', 'begin; lock table ledger in access exclusive mode', 'rollback'],
  [
    'the right to write it was taken away',
    'revoke insert on ledger from countersign_ledger',
    'grant insert on ledger to countersign_ledger',
  ],
];

const moveFence = (closed: boolean): Promise<void> =>
  moveFenceAt(lending.spine.database.superuserUrl, 'tenant', closed);

const count = async (of: string, values: readonly unknown[] = []): Promise<number> =>
  (await superuser.query<{ n: number }>(`select count(*)::integer as n from ${of}`, [...values])).rows[0]?.n ?? -1;

/** How often something was tried in vain, by whomever. */
const rollbacks = async (): Promise<number> => {
  const { rows } = await superuser.query<{ n: string }>(
    'select xact_rollback as n from pg_stat_database where datname = current_database()',
  );
  return Number(rows[0]?.n);
};

async function ask(type: string): Promise<{ status: number; code: string }> {
  const response = await fetch(`${lending.spine.gatewayUrl}/v1/actions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${lending.spine.agentKey}`,
      'content-type': 'application/json',
      'idempotency-key': `while-broken-${String(performance.now())}`,
    },
    body: JSON.stringify({ type, params: { why: 'to see' }, waitMs: 0 }),
  });
  return { status: response.status, code: ((await response.json()) as { code: string }).code };
}

describe.each(BREAKAGES)('X74 where the ledger cannot be written because %s', (_, breakIt, repairIt) => {
  it('nothing begins; access ends, a stop holds, and everything goes on once it can be written', async () => {
    const { spine, books } = lending;
    const lent = await lending.ask('books.look');
    lentMeanwhile.push(lent.id);
    const credential = await lending.claim(lent);
    const session = await lending.login(credential);
    const approved = await lending.ask('books.mend');
    const open = await lending.ask('books.mend');
    await requestOf(spine, open.id);
    expect((await vote(spine, 'bob', approved.id, 'approve')).status).toBe(200);
    spine.worker().kill('SIGKILL');
    await spine.worker().ended;
    expect((await vote(spine, 'carol', approved.id, 'approve')).status).toBe(200);
    const [actions, votes, roles] = [await count('actions'), await count('votes'), await books.jitRoles()];
    expect(roles).toHaveLength(1);

    const breaker = await connect(spine.database.superuserUrl);
    await breaker.query(breakIt);
    try {
      const before = await rollbacks();
      await spine.startWorker();
      expect((await ask('books.look')).status).toBeGreaterThanOrEqual(500);
      expect((await vote(spine, 'bob', open.id, 'approve')).status).toBeGreaterThanOrEqual(500);
      await waitUntil(async () => (await rollbacks()) >= before + 6, { what: 'Nobody tried', withinMs: 40_000 });
      expect([await count('actions'), await count('votes'), await books.jitRoles()]).toEqual([actions, votes, roles]);
      expect(await count('effects where action = $1', [approved.id])).toBe(0);

      await expect(moveFence(false)).rejects.toThrow();
      await moveFence(true);
      expect(await count(`fences where tenant = 'demo' and scope = 'tenant' and closed`)).toBe(1);
      expect(await count(`owed_entries where key like 'fence/tenant/%'`)).toBe(1);
      await lending.expectDead(credential, session, 20_000);
    } finally {
      await breaker.query(repairIt);
      await breaker.end();
    }

    await waitUntil(async () => (await count('owed_entries')) === 0, { what: 'Something is owed', withinMs: 20_000 });
    const { rows } = await superuser.query(
      `select leaf::jsonb -> 'entry' as entry from ledger where key like 'fence/tenant/%' order by seq desc limit 1`,
    );
    expect(rows[0]).toMatchObject({
      entry: {
        event: 'fence.moved',
        closed: true,
        actor: 'bob',
        owedSince: expect.stringMatching(/Z$/) as string,
      },
    });
    expect(await ended(spine, approved.id)).toMatchObject({ kind: 'denied', reasons: [{ code: 'scope_fenced' }] });
    await moveFence(false);
    expect((await vote(spine, 'bob', open.id, 'deny')).status).toBe(200);
    const again = await lending.ask('books.look');
    await lending.claim(again);
    expect(await again.complete()).toMatchObject({ kind: 'executed' });
    await waitUntil(async () => (await books.jitRoles()).length === 0, { what: 'A role is left', withinMs: 10_000 });
  }, 120_000);
});

it('X74 what was lent meanwhile ends as denied, and every invariant holds', async () => {
  expect(lentMeanwhile).toHaveLength(BREAKAGES.length);
  for (const id of lentMeanwhile) expect(await ended(lending.spine, id, 60_000)).toMatchObject({ kind: 'denied' });
  // I14 asks targets that these agents do not use.
  expect((await checkInvariants(lending.spine)).filter((breach) => !breach.startsWith('I14 '))).toEqual([]);
}, 90_000);
