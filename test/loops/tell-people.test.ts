import { type Channel, type Recipient, type Shown, type Surfaces } from '../../channels/channel';
import { closeApproval, countReminders } from '../../db/close-approval';
import { settleAction } from '../../db/settle-action';
import { type Notice } from '../../domain/notice';
import { digestOf } from '../../evidence/digest-of';
import { createTellPeople } from '../../loops/tell-people';
import { askPeople, chain, seedAction, type SeededAction, seedTenant, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

interface Row {
  readonly version: number;
  readonly shown: number;
  readonly due: boolean;
  readonly attempts: number;
  readonly code: string | null;
}

type Show = Channel['show'];

let world: World;
let tenant: string;
let action: SeededAction;
let logged: unknown[];
let failed: string[];
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => {
  await world.rows('update notices set shown_version = version');
  tenant = await seedTenant(world);
  action = await asked();
  logged = [];
  failed = [];
});
afterAll(() => world.close());

async function asked(): Promise<SeededAction> {
  const seeded = await seedAction(world, tenant);
  await askPeople(world, seeded, [chain('finance', 2, { remindAfterMs: [10] })]);
  return seeded;
}

const noticeRow = async ({ request }: SeededAction = action): Promise<Row> => {
  const [row] = await world.rows<Row>(
    `select version::float8 as version, shown_version::float8 as shown, attempts, last_code as code,
       shown_version < version and due_at <= clock_timestamp() as due from notices where tenant = $1 and request = $2`,
    [tenant, request],
  );
  if (row === undefined) throw new Error('there is no notice');
  return row;
};

const dueInSeconds = async (): Promise<number> => {
  const [row] = await world.rows<{ s: number }>(
    'select extract(epoch from due_at - now())::float8 as s from notices where tenant = $1 and request = $2',
    [tenant, action.request],
  );
  if (row === undefined) throw new Error('there is no notice');
  return row.s;
};

/** A channel that does as it is told, and remembers what for. */
function channelOf(name: Channel['name'], show: Show) {
  const shows: { readonly notice: Notice; readonly recipients: readonly Recipient[] }[] = [];
  const told = async (notice: Notice, surfaces: Surfaces, recipients: readonly Recipient[]): Promise<Shown> => {
    shows.push({ notice, recipients });
    return await show(notice, surfaces, recipients);
  };
  return { name, show: told, shows, team: 'T1', tenant };
}

const fine: Show = async () => ({ kind: 'shown' });
const away: Show = async () => ({ kind: 'failed', code: 'slack.http_500' });

function round(slack?: ReturnType<typeof channelOf>, email?: ReturnType<typeof channelOf>): () => Promise<boolean> {
  const log = {
    warn: (...all: unknown[]) => void logged.push(all),
    error: (...all: unknown[]) => void logged.push(all),
  };
  return createTellPeople({
    ...{ pool: world.loops, catalogue: () => ({ actionTypes: {} }), log, failed: (name) => void failed.push(name) },
    ...(slack && { slack }),
    ...(email && { email }),
  });
}

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
  const slack = channelOf('slack', fine);
  const tell = round(slack);
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
  const slack = channelOf('slack', async () => {
    await vote(world, action, 'bob');
    return { kind: 'shown' };
  });
  const tell = round(slack);
  await tell();
  expect(await noticeRow()).toMatchObject({ version: 2, shown: 1, due: true });
  await tell();
  expect(slack.shows.map(({ notice }) => notice.version)).toEqual([1, 2]);
});

it('puts off what failed, says so, and comes back at once when the request changes', async () => {
  const tell = round(channelOf('slack', away));
  expect(await tell()).toBe(false);
  expect(await noticeRow()).toMatchObject({ shown: 0, due: false, attempts: 1, code: 'slack.http_500' });
  expect(logged).toHaveLength(1);
  await vote(world, action, 'bob');
  expect(await noticeRow()).toMatchObject({ due: true, attempts: 0 });
});

it('tells a request in one place at a time, however many loops there are', async () => {
  await Promise.all([asked(), asked(), asked()]);
  const slack = channelOf('slack', fine);
  await Promise.all(Array.from({ length: 4 }, round(slack)));
  const requests = slack.shows.map(({ notice }) => notice.request);
  expect(requests).toHaveLength(4);
  expect(new Set(requests).size).toBe(4);
});

it('goes on telling while a channel keeps one of its loops waiting', async () => {
  let answer: () => void = () => undefined;
  const silent = new Promise<void>((resolve) => (answer = resolve));
  const slack = channelOf('slack', async ({ request }) => {
    if (request === action.request) await silent;
    return { kind: 'shown' };
  });
  const waiting = round(slack)();
  while (slack.shows.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const other = await asked();
  expect(await round(slack)()).toBe(true);
  expect(await noticeRow(other)).toMatchObject({ shown: 1 });
  answer();
  await waiting;
});

it('tells the others where one cannot be told', async () => {
  const other = await asked();
  const slack = channelOf('slack', async ({ request }) => {
    if (request === action.request) throw new Error('not expected');
    return { kind: 'shown' };
  });
  expect(await round(slack)()).toBe(true);
  expect(await noticeRow(other)).toMatchObject({ shown: 1 });
  expect(await noticeRow()).toMatchObject({ shown: 0 });
  expect(JSON.stringify(logged)).toContain(action.request);
});

it('puts off what cannot be told, longer each time, and says so once for each', async () => {
  const tell = round(
    channelOf('slack', async () => {
      throw new Error('not expected');
    }),
  );
  for (const [attempts, seconds] of [
    [5, 16],
    [8, 128],
    [40, 300],
  ] as const) {
    await world.rows('update notices set due_at = now(), attempts = $2 where tenant = $1', [tenant, attempts - 1]);
    logged = [];
    expect(await tell()).toBe(false);
    expect(await noticeRow()).toMatchObject({ shown: 0, attempts, code: 'internal' });
    const inSeconds = await dueInSeconds();
    expect(inSeconds).toBeLessThanOrEqual(seconds);
    expect(inSeconds).toBeGreaterThan(seconds / 2);
    expect(logged).toHaveLength(1);
  }
});

it('keeps a request from the other loops for longer than both channels and what they seek may take', async () => {
  let heldForSeconds = 0;
  await round(
    channelOf('slack', async () => {
      heldForSeconds = await dueInSeconds();
      return { kind: 'shown' };
    }),
  )();
  expect(heldForSeconds).toBeGreaterThan(80);
});

it('speaks in Slack for the tenant that it belongs to alone', async () => {
  const slack = channelOf('slack', fine);
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
  const mailed = (email: ReturnType<typeof channelOf>): string[][] =>
    email.shows.map(({ recipients }) => recipients.map(({ address }) => address));

  beforeEach(reachable);

  it('mails those whom Slack does not know, and mentions those whom it knows', async () => {
    const [slack, email] = [channelOf('slack', fine), channelOf('email', fine)];
    await round(slack, email)();
    expect(slack.shows[0]?.recipients).toEqual([{ person: 'bob', address: 'U0BOB' }]);
    expect(mailed(email)).toEqual([['carol@example.test']]);
  });

  it('waits ten seconds for Slack, and then mails everybody', async () => {
    const [slack, email] = [channelOf('slack', away), channelOf('email', fine)];
    await round(slack, email)();
    expect(mailed(email)).toEqual([['carol@example.test']]);
    await opened('11 seconds');
    await world.rows('update notices set due_at = now()');
    await round(slack, email)();
    expect(mailed(email)[1]).toEqual(['bob@example.test', 'carol@example.test']);
  });

  it('comes back for that mail in time, however long Slack asks to be left alone', async () => {
    await round(
      channelOf('slack', async () => ({ kind: 'failed', code: 'slack.ratelimited', retryAfterMs: 600_000 })),
    )();
    expect(await dueInSeconds()).toBeLessThan(10.5);
  });

  it('mails nobody whose card is there, where less than the card is missing', async () => {
    await opened('11 seconds');
    const email = channelOf('email', fine);
    await round(
      channelOf('slack', async () => ({ kind: 'failed', code: 'slack.paced', asked: true })),
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
    const tell = round(channelOf('slack', shows));
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
