import { type Channel } from '../../channels/channel';
import { closeApproval, countReminders } from '../../db/close-approval';
import { settleAction } from '../../db/settle-action';
import { digestOf } from '../../evidence/digest-of';
import { createTellPeople } from '../../loops/tell-people';
import { askPeople, chain, seedAction, type SeededAction, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { away, fine, type NoticeRow, openRequest, readNotice, type Telling, type TestChannel } from './telling';

type Show = Channel['show'];

let world: World;
let tenant: string;
let action: SeededAction;
let telling: Telling;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => ({ tenant, action, telling } = await openRequest(world, CHAIN)));
afterAll(() => world.close());

const CHAIN = chain('finance', 2, { remindAfterMs: [10] });

async function askedToo(): Promise<SeededAction> {
  const seeded = await seedAction(world, tenant);
  await askPeople(world, seeded, [CHAIN]);
  return seeded;
}

const noticeRow = async ({ request }: SeededAction = action): Promise<NoticeRow> =>
  await readNotice(world, tenant, request);

const dueInSeconds = async (): Promise<number> => {
  const [row] = await world.rows<{ s: number }>(
    'select extract(epoch from due_at - now())::float8 as s from notices where tenant = $1 and request = $2',
    [tenant, action.request],
  );
  if (row === undefined) throw new Error('there is no notice');
  return row.s;
};

async function reachable(): Promise<void> {
  await world.rows(
    `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ($1, 'T1', 'U0BOB', 'bob', 'test')`,
    [tenant],
  );
  await world.rows(
    `insert into person_addresses (tenant, person, address) select $1, p, p || '@example.test' from unnest('{bob,carol}'::text[]) p`,
    [tenant],
  );
}

describe('whatever changes a request is a new version of its notice, whoever did it', () => {
  it.each<[string, () => Promise<unknown>, number]>([
    ['its opening', async () => undefined, 1],
    ['a vote', async () => await vote(world, action, 'bob'), 2],
    ['a refused vote changes nothing', async () => await vote(world, action, 'alice'), 1],
    [
      'a reminder',
      async () => await world.as('worker', tenant, (c) => countReminders(c, tenant, action.request, 1)),
      2,
    ],
    [
      'its end',
      async () => await world.as('worker', tenant, (c) => closeApproval(c, tenant, action.request, 'expired')),
      2,
    ],
    [
      'the end of its action',
      async () =>
        await world.as('worker', tenant, (c) =>
          settleAction(c, tenant, action.actionId, 'expired', { kind: 'expired', say: 'x', reasons: [] }),
        ),
      2,
    ],
  ])('%s', async (_, change, version) => {
    await world.rows('update notices set due_at = now() + interval $$1 hour$$, attempts = 7 where version = 1');
    await change();
    expect(await noticeRow()).toMatchObject(version === 1 ? { version } : { version, due: true, attempts: 0 });
  });
});

it('shows each version once', async () => {
  const slack = telling.channelOf('slack', fine);
  const tell = telling.round(slack);
  expect(await tell()).toBe(true);
  expect(await tell()).toBe(false);
  await vote(world, action, 'bob');
  await tell();
  expect(slack.shows.map(({ notice }) => [notice.version, notice.stages[0]?.waitingFor])).toEqual([
    [1, ['bob', 'carol', 'dora']],
    [2, ['carol', 'dora']],
  ]);
  expect(await noticeRow()).toMatchObject({ version: 2, shown: 2, code: null });
});

it('goes on at once with what changed while it was being shown', async () => {
  const slack = telling.channelOf('slack', async () => {
    await vote(world, action, 'bob');
    return { kind: 'shown' };
  });
  const tell = telling.round(slack);
  await tell();
  expect(await noticeRow()).toMatchObject({ version: 2, shown: 1, due: true });
  await tell();
  expect(slack.shows.map(({ notice }) => notice.version)).toEqual([1, 2]);
});

it('puts off what failed, says so, and comes back at once when the request changes', async () => {
  const tell = telling.round(telling.channelOf('slack', away));
  expect(await tell()).toBe(false);
  expect(await noticeRow()).toMatchObject({ shown: 0, due: false, attempts: 1, code: 'slack.http_500' });
  expect(telling.logged).toHaveLength(1);
  await vote(world, action, 'bob');
  expect(await noticeRow()).toMatchObject({ due: true, attempts: 0 });
});

it('tells a request in one place at a time, however many loops there are', async () => {
  await Promise.all([askedToo(), askedToo(), askedToo()]);
  const slack = telling.channelOf('slack', fine);
  await Promise.all(Array.from({ length: 4 }, telling.round(slack)));
  const requests = slack.shows.map(({ notice }) => notice.request);
  expect(requests).toHaveLength(4);
  expect(new Set(requests).size).toBe(4);
});

it('goes on telling while a channel keeps one of its loops waiting', async () => {
  let answer: () => void = () => undefined;
  const silent = new Promise<void>((resolve) => (answer = resolve));
  const slack = telling.channelOf('slack', async ({ request }) => {
    if (request === action.request) await silent;
    return { kind: 'shown' };
  });
  const waiting = telling.round(slack)();
  while (slack.shows.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const other = await askedToo();
  expect(await telling.round(slack)()).toBe(true);
  expect(await noticeRow(other)).toMatchObject({ shown: 1 });
  answer();
  await waiting;
});

it('tells the others where one cannot be told', async () => {
  const other = await askedToo();
  const slack = telling.channelOf('slack', async ({ request }) => {
    if (request === action.request) throw new Error('not expected');
    return { kind: 'shown' };
  });
  expect(await telling.round(slack)()).toBe(true);
  expect(await noticeRow(other)).toMatchObject({ shown: 1 });
  expect(await noticeRow()).toMatchObject({ shown: 0 });
  expect(JSON.stringify(telling.logged)).toContain(action.request);
});

it('puts off what cannot be told, longer each time, and says so once for each', async () => {
  const tell = telling.round(
    telling.channelOf('slack', async () => {
      throw new Error('not expected');
    }),
  );
  for (const [attempts, seconds] of [
    [5, 16],
    [8, 128],
    [40, 300],
  ] as const) {
    await world.rows('update notices set due_at = now(), attempts = $2 where tenant = $1', [tenant, attempts - 1]);
    telling.logged.length = 0;
    expect(await tell()).toBe(false);
    expect(await noticeRow()).toMatchObject({ shown: 0, attempts, code: 'internal' });
    const inSeconds = await dueInSeconds();
    expect(inSeconds).toBeLessThanOrEqual(seconds);
    expect(inSeconds).toBeGreaterThan(seconds / 2);
    expect(telling.logged).toHaveLength(1);
  }
});

it('speaks in Slack for the tenant that it belongs to alone', async () => {
  const slack = telling.channelOf('slack', fine);
  await createTellPeople({
    ...{ pool: world.loops, catalogue: () => ({ actionTypes: {} }), log: { warn: jest.fn(), error: jest.fn() } },
    failed: () => undefined,
    slack: { ...slack, tenant: 'another' },
  })();
  expect(slack.shows).toEqual([]);
});

describe('who hears where', () => {
  const opened = async (ago: string): Promise<unknown> =>
    await world.rows('update approval_requests set opened_at = now() - $2::interval where tenant = $1', [tenant, ago]);
  const mailed = (email: TestChannel): string[][] =>
    email.shows.map(({ recipients }) => recipients.map(({ address }) => address));

  beforeEach(reachable);

  it('mails those whom Slack does not know, and mentions those whom it knows', async () => {
    const [slack, email] = [telling.channelOf('slack', fine), telling.channelOf('email', fine)];
    await telling.round(slack, email)();
    expect(slack.shows[0]?.recipients).toEqual([{ person: 'bob', address: 'U0BOB' }]);
    expect(mailed(email)).toEqual([['carol@example.test']]);
  });

  it('waits ten seconds for Slack, and then mails everybody', async () => {
    const [slack, email] = [telling.channelOf('slack', away), telling.channelOf('email', fine)];
    await telling.round(slack, email)();
    expect(mailed(email)).toEqual([['carol@example.test']]);
    await opened('11 seconds');
    await world.rows('update notices set due_at = now()');
    await telling.round(slack, email)();
    expect(mailed(email)[1]).toEqual(['bob@example.test', 'carol@example.test']);
  });

  it('comes back for that mail in time, however long Slack asks to be left alone', async () => {
    await telling.round(
      telling.channelOf('slack', async () => ({ kind: 'failed', code: 'slack.ratelimited', retryAfterMs: 600_000 })),
    )();
    expect(await dueInSeconds()).toBeLessThan(10.5);
  });

  it('mails nobody whose card is there, where less than the card is missing', async () => {
    await opened('11 seconds');
    const email = telling.channelOf('email', fine);
    await telling.round(
      telling.channelOf('slack', async () => ({ kind: 'failed', code: 'slack.paced', asked: true })),
      email,
    )();
    expect(mailed(email)).toEqual([['carol@example.test']]);
  });
});

describe('what people saw', () => {
  const seen = async (): Promise<unknown[]> =>
    (
      await world.rows<{ entry: unknown }>(
        `select leaf::jsonb -> 'entry' as entry from ledger where tenant = $1 and key like 'approval/%/shown/%' order by seq`,
        [tenant],
      )
    ).map(({ entry }) => entry);
  const shows: Show = async (notice, surfaces) => {
    await surfaces.intend('slack/card', 'slack', 'C1');
    await surfaces.shown('slack/card', notice.version, '1.1', `card ${String(notice.version)}`);
    return { kind: 'shown' };
  };

  it('is in the ledger, by the digest of the message, for as long as they can decide', async () => {
    const tell = telling.round(telling.channelOf('slack', shows));
    await tell();
    await vote(world, action, 'bob');
    await tell();
    await world.as('worker', tenant, (c) => closeApproval(c, tenant, action.request, 'expired'));
    await tell();
    const entry = { event: 'approval.shown', action: action.actionId, request: action.request, surface: 'slack/card' };
    expect(await seen()).toEqual([
      { ...entry, version: 1, shown: digestOf('surface', { shown: 'card 1' }) },
      { ...entry, version: 2, shown: digestOf('surface', { shown: 'card 2' }) },
    ]);
    const [surface] = await world.rows(
      'select version::float8, state, external_id, shown_digest from surfaces where tenant = $1',
      [tenant],
    );
    expect(surface).toEqual({
      ...{ version: 3, state: 'shown', external_id: '1.1' },
      shown_digest: digestOf('surface', { shown: 'card 3' }),
    });
  });
});
