import { setTimeout as sleep } from 'node:timers/promises';
import { createSlackChannel } from '../../channels/slack/create-slack-channel';
import { createSlackClient } from '../../channels/slack/slack-client';
import { closeApproval } from '../../db/close-approval';
import { buttonsOf } from '../../demo/doubles/slack/slack-person';
import { type DoubleMessage } from '../../demo/doubles/slack/slack-book';
import { type SlackDouble, startSlackDouble } from '../../demo/doubles/slack/start-slack-double';
import { type Loop, startLoop } from '../../loops/start-loop';
import { createTellPeople } from '../../loops/tell-people';
import { askPeople, chain, seedAction, type SeededAction, seedTenant, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
let slack: SlackDouble;
let loop: Loop;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());
beforeEach(async () => {
  await world.rows('update notices set shown_version = version');
  tenant = await seedTenant(world);
  const options = { botToken: 'xoxb-1', signingSecret: 'signing-secret-of-the-double', channels: ['C1'] };
  slack = await startSlackDouble({ ...options, users: ['U0BOB', 'U0ALICE'], perSecond: 50 });
  await world.rows(
    `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by)
     values ($1, 'T0DOUBLE', 'U0BOB', 'bob', 'test'), ($1, 'T0DOUBLE', 'U0ALICE', 'alice', 'test')`,
    [tenant],
  );
  loop = startTelling();
});
afterEach(async () => {
  await loop.stop();
  await slack.stop();
});

/** As a worker runs it. */
function startTelling(): Loop {
  const quiet = { warn: () => undefined, error: () => undefined } as never;
  const clock = { now: Date.now, sleep: async (ms: number) => await sleep(ms) };
  const client = createSlackClient({ botToken: 'xoxb-1', apiUrl: slack.url });
  const channel = createSlackChannel({ client, clock, channel: 'C1', team: 'T0DOUBLE', tenant });
  const tell = createTellPeople({
    ...{ pool: world.loops, catalogue: () => ({ actionTypes: {} }), slack: channel, log: quiet },
    failed: () => undefined,
  });
  return startLoop('tell people', quiet, 20, tell);
}

async function asked(need = 1): Promise<SeededAction> {
  const seeded = await seedAction(world, tenant);
  await askPeople(world, seeded, [chain('finance', need)]);
  return seeded;
}

const cards = ({ request }: SeededAction): DoubleMessage[] =>
  slack.book.messages.filter(
    ({ channel, threadTs, versions }) =>
      channel === 'C1' && threadTs === undefined && JSON.stringify(versions.at(-1)?.metadata).includes(request),
  );
const live = (message: DoubleMessage): boolean => buttonsOf(message.versions.at(-1)?.blocks ?? []).length > 0;
const shown = (message: DoubleMessage | undefined): string => JSON.stringify(message?.versions.at(-1)?.blocks);
const thread = (card: DoubleMessage | undefined): string[] =>
  slack.book.messages.filter(({ threadTs }) => threadTs === card?.ts).map((message) => shown(message));

async function until(what: () => boolean | Promise<boolean>, withinMs = 25_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await what())) {
    if (Date.now() > end) throw new Error('it did not come to that in time');
    await sleep(20);
  }
}

const close = async (action: SeededAction, state: 'approved' | 'expired'): Promise<void> =>
  await world.as('worker', tenant, (client) => closeApproval(client, tenant, action.request, state));

it('follows a decision that was made elsewhere: the thread hears of it, and the buttons go', async () => {
  const action = await asked();
  await until(() => cards(action).some(live));
  expect(shown(cards(action)[0])).toContain('<@U0BOB>');
  await vote(world, action, 'carol', { channel: 'cli', reason: 'looks right' });
  await close(action, 'approved');
  await until(() => cards(action).length === 1 && !cards(action).some(live));
  const [card] = cards(action);
  await until(() => thread(card).length === 2);
  expect(thread(card)).toEqual([
    expect.stringMatching(/carol approved \(cli, .*looks right/),
    expect.stringContaining('Approved by carol.'),
  ]);
  expect(shown(card)).toContain('Approved by carol.');
});

it('takes the buttons off what expired', async () => {
  const action = await asked();
  await until(() => cards(action).some(live));
  await close(action, 'expired');
  await until(() => !cards(action).some(live));
  expect(shown(cards(action)[0])).toContain('Expired: nobody decided.');
});

it.each(['drop_after', 'hang', 500, 429, 'error:token_revoked', 'error:channel_not_found'] as const)(
  'loses nothing to Slack when it answers with %s: votes count, others are told, and the card comes once',
  async (fault) => {
    slack.fail(fault, 2, 'chat.postMessage');
    const [first, second] = [await asked(2), await asked(2)];
    expect(await vote(world, first, 'bob')).toBe('recorded');
    const third = await asked();
    await until(() => cards(third).length > 0);
    // Slack is well again. A change makes it due at once; the clock would, a little later.
    await vote(world, second, 'bob');
    await until(async () => {
      await world.rows(
        'update notices set due_at = now() where tenant = $1 and due_at < now() + interval $$29 seconds$$',
        [tenant],
      );
      return [first, second, third].every((each) => cards(each).length > 0);
    });
    for (const action of [first, second, third]) {
      await close(action, 'expired');
      await until(() => cards(action).every((card) => !live(card)));
      expect(cards(action)).toHaveLength(1);
    }
  },
);

it('makes no second card when the worker ends between sending and remembering', async () => {
  const action = await asked();
  await until(() => cards(action).length === 1);
  await loop.stop();
  // As the tables are at that moment.
  await world.rows(
    `update surfaces set external_id = null, version = 0, state = 'intended' where tenant = $1 and surface = 'slack/card'`,
    [tenant],
  );
  await world.rows('update notices set shown_version = 0, due_at = now() where tenant = $1', [tenant]);
  loop = startTelling();
  await until(async () => {
    const [row] = await world.rows<{ id: string | null }>(
      `select external_id as id from surfaces where tenant = $1 and surface = 'slack/card'`,
      [tenant],
    );
    return row?.id === cards(action)[0]?.ts;
  });
  expect(cards(action)).toHaveLength(1);
});
