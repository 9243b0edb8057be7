import { ACTIONS } from '../../channels/slack/ids';
import { type DoubleMessage } from '../../demo/doubles/slack/slack-book';
import { buttonsOf, SlackPerson } from '../../demo/doubles/slack/slack-person';
import { type SlackDouble, startSlackDouble } from '../../demo/doubles/slack/start-slack-double';
import { textOf } from '../../demo/doubles/slack/block-rules';
import { waitUntil } from '../../stack/wait-until';
import { Client } from 'pg';
import { type Line, startLine } from '../helpers/line';
import { ended, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

const SECRET = 'secret-of-the-double';
const USERS = { alice: 'U0ALICE', bob: 'U0BOB', carol: 'U0CAROL' } as const;

let slack: SlackDouble;
let line: Line;
let spine: Spine;
beforeAll(async () => {
  slack = await startSlackDouble({
    ...{ botToken: 'xoxb-double', signingSecret: SECRET, channels: ['C0DESK'], users: Object.values(USERS) },
    perSecond: 100,
  });
  spine = await startSpine({
    settings: async (temporal) => {
      line = await startLine(temporal.address);
      return {
        TEMPORAL_ADDRESS: line.address,
        SLACK_BOT_TOKEN: 'xoxb-double',
        SLACK_SIGNING_SECRET: SECRET,
        SLACK_CHANNEL: 'C0DESK',
        SLACK_TEAM: slack.workspace.team,
        SLACK_TENANT: 'demo',
        SLACK_API_URL: slack.url,
      };
    },
  });
  const owner = new Client({ connectionString: spine.database.superuserUrl });
  await owner.connect();
  for (const [person, user] of Object.entries(USERS))
    await owner.query(
      `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ('demo', $1, $2, $3, 'seed')`,
      [slack.workspace.team, user, person],
    );
  await owner.end();
});
afterAll(async () => {
  await spine.stop();
  await line.down();
  await slack.stop();
});

const person = (name: keyof typeof USERS): SlackPerson =>
  new SlackPerson(USERS[name], slack, `${spine.gatewayUrl}/slack/interactions`);

const cardOf = (actionId: string): DoubleMessage | undefined =>
  slack.book.messages.find(
    ({ channel, threadTs, versions }) =>
      channel === 'C0DESK' && threadTs === undefined && JSON.stringify(versions[0]?.metadata).includes(actionId),
  );
const buttonsShown = (card: DoubleMessage): number => buttonsOf(card.versions.at(-1)?.blocks ?? []).length;
const threadOf = (card: DoubleMessage): string =>
  slack.book.messages
    .filter(({ threadTs }) => threadTs === card.ts)
    .map(({ versions }) => textOf(versions.at(-1)?.blocks))
    .join('\n');

/** An action that waits, and the card that asks for it. */
async function asked(): Promise<{ id: string; card: DoubleMessage }> {
  const { id } = await pay(spine, largeInvoice());
  await waitUntil(() => cardOf(id) !== undefined, { what: 'No card was posted', withinMs: 15_000 });
  return { id, card: cardOf(id) as DoubleMessage };
}

const untilClosed = (card: DoubleMessage): Promise<void> =>
  waitUntil(() => buttonsShown(card) === 0, { what: 'The card still has its buttons', withinMs: 15_000 });

it('A1 a click in Slack has the payment made, once, and the card and its thread say so', async () => {
  const { id, card } = await asked();
  expect(textOf(card.versions[0]?.blocks)).toContain('globex');
  expect(await person('bob').press(card, ACTIONS.approve)).toMatchObject({ status: 200, warned: false });
  expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  expect(paymentsOf(spine, id)).toBe(1);
  await untilClosed(card);
  await waitUntil(() => threadOf(card).includes('bob'), { what: 'The thread does not know', withinMs: 15_000 });
  expect(textOf(card.versions.at(-1)?.blocks)).toContain('Approved by bob');
});

it('A8 a decision elsewhere takes the buttons off the card, and the thread hears of it', async () => {
  const { id, card } = await asked();
  await vote(spine, 'carol', id, 'deny');
  expect(await ended(spine, id)).toMatchObject({ kind: 'rejected' });
  await untilClosed(card);
  await waitUntil(() => threadOf(card).includes('carol'), { what: 'The thread does not know', withinMs: 15_000 });
  expect(paymentsOf(spine, id)).toBe(0);
});

it('X8 the owner of the agent may look, and not decide', async () => {
  const { id, card } = await asked();
  await person('alice').press(card, ACTIONS.approve);
  expect(person('alice').told().at(-1)).toMatch(/own/);
  await person('bob').press(card, ACTIONS.deny);
  await person('bob').submit(person('bob').form(), { reason: 'not needed' });
  expect(await ended(spine, id)).toMatchObject({ kind: 'rejected' });
});

it('A2 a click that got its 200 while Temporal was down takes effect when it is back', async () => {
  const { id, card } = await asked();
  await line.down();
  try {
    expect(await person('bob').press(card, ACTIONS.approve)).toMatchObject({ status: 200, warned: false });
    expect(paymentsOf(spine, id)).toBe(0);
  } finally {
    await line.up();
  }
  expect(await ended(spine, id, 60_000)).toMatchObject({ kind: 'executed' });
  expect(paymentsOf(spine, id)).toBe(1);
}, 120_000);

it('F13 a Slack that refuses everything changes no decision', async () => {
  slack.fail('error:token_revoked', 1_000);
  const { id } = await pay(spine, largeInvoice());
  await vote(spine, 'bob', id, 'approve');
  expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  expect(paymentsOf(spine, id)).toBe(1);
});
