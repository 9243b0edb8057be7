import { createMailNote } from '../../channels/email/create-mail-note';
import { createMailSender } from '../../channels/email/create-mail-sender';
import { createSlackNote } from '../../channels/slack/create-slack-note';
import { createSlackClient } from '../../channels/slack/slack-client';
import { type MailDouble, startMailDouble } from '../../demo/doubles/mail/start-mail-double';
import { type SlackDouble, startSlackDouble } from '../../demo/doubles/slack/start-slack-double';
import { createTellOwners, type NoteChannels } from '../../loops/tell-owners';
import { seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';

let world: World;
let mail: MailDouble;
let slack: SlackDouble;
let tenant: string;
let failed: string[];
let logged: string[];
beforeAll(async () => {
  world = await createWorld();
  mail = await startMailDouble();
  const options = { botToken: 'xoxb-1', signingSecret: 'signing-secret-of-the-double' };
  slack = await startSlackDouble({ ...options, channels: ['C1'], users: ['U0ALICE'], perSecond: 100 });
});
beforeEach(async () => {
  await world.rows('delete from agent_notes');
  tenant = await seedTenant(world);
  failed = [];
  logged = [];
});
afterAll(async () => {
  await Promise.all([mail.stop(), slack.stop()]);
  await world.close();
});

const byMail = (): NonNullable<NoteChannels['email']> => ({
  tell: createMailNote({ send: createMailSender({ url: mail.url, from: 'us@example.org' }), from: 'us@example.org' }),
});
const bySlack = (): NonNullable<NoteChannels['slack']> => {
  const clock = { now: Date.now, sleep: async () => await Promise.resolve() };
  const client = createSlackClient({ botToken: 'xoxb-1', apiUrl: slack.url });
  return { tell: createSlackNote({ client, clock }), team: 'T1', tenant };
};
const round = (channels: NoteChannels): Promise<boolean> =>
  createTellOwners({
    ...{ pool: world.loops, ...channels, failed: (channel) => void failed.push(channel) },
    log: { warn: (...all: unknown[]) => void logged.push(JSON.stringify(all)) },
  })();
const note = (kind: string): Promise<object[]> =>
  world.rows(`insert into agent_notes (tenant, agent, person, kind) values ($1, 'payer', 'alice', $2)`, [tenant, kind]);
const address = (): Promise<object[]> =>
  world.rows(`insert into person_addresses (tenant, person, address) values ($1, 'alice', 'alice@example.org')`, [
    tenant,
  ]);
const inSlack = (user = 'U0ALICE'): Promise<object[]> =>
  world.rows(
    `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ($1, 'T1', $2, 'alice', 'alice')`,
    [tenant, user],
  );
const dueAgain = (): Promise<object[]> => world.rows(`update agent_notes set due_at = now()`);
const told = async (): Promise<unknown> =>
  (await world.rows('select done_at is not null as done, attempts, last_code as code from agent_notes'))[0];
const mails = (): string[] => mail.mails.map(({ parsed }) => parsed.subject ?? '');
const messages = (): string[] => slack.book.messages.map(({ versions }) => versions[0]?.text ?? '');

it.each([
  ['idle', 'Your agent payer asks for nothing.'],
  ['idle_again', 'Your agent payer still asks for nothing.'],
  ['reclaimed', 'Your agent payer asked for nothing, and was stopped.'],
  ['review_due', 'What your agent payer may do has to be confirmed.'],
  ['review_restricted', 'Nobody has confirmed what your agent payer may do.'],
  ['review_lapsed', 'Your agent payer is quarantined: nobody has confirmed what it may do.'],
])('mails an owner once that an agent of theirs is %s', async (kind, headline) => {
  await address();
  await note(kind);
  for (let rounds = 0; rounds < 2; rounds++) {
    await round({ email: byMail() });
    await dueAgain();
  }
  expect(mails().filter((subject) => subject === headline)).toHaveLength(1);
  expect(mail.mails.at(-1)?.to).toEqual(['alice@example.org']);
  expect(mail.mails.at(-1)?.parsed.text).toContain('countersign agents');
  expect(await told()).toEqual({ done: true, attempts: 0, code: null });
});

it('tells them in Slack where they are known there, and then not by mail', async () => {
  await address();
  await inSlack();
  await note('idle');
  const before = [mails().length, messages().length] as const;
  await round({ slack: bySlack(), email: byMail() });
  expect([mails().length - before[0], messages().length - before[1]]).toEqual([0, 1]);
  expect(messages().at(-1)).toBe('Your agent payer asks for nothing.');
});

it('and by mail where Slack takes nothing for them', async () => {
  await address();
  await inSlack('U0NOBODY');
  await note('idle');
  const before = mails().length;
  await round({ slack: bySlack(), email: byMail() });
  expect(mails().length - before).toBe(1);
});

it('posts no second message where it does not know that the first has arrived', async () => {
  await inSlack();
  await note('idle');
  const before = messages().length;
  await round({ slack: bySlack() });
  await world.rows('update agent_notes set done_at = null, attempts = 1, due_at = now()');
  await round({ slack: bySlack() });
  expect(messages().length - before).toBe(1);
  expect(await told()).toMatchObject({ done: true });
});

it('tries again what a mail server turns away, a minute later, and says so without a person', async () => {
  await address();
  await note('idle');
  mail.fail(451);
  await round({ email: byMail() });
  expect(await told()).toEqual({ done: false, attempts: 1, code: 'smtp_451' });
  expect(failed).toEqual(['email']);
  expect(logged.join()).toContain('smtp_451');
  expect(logged.join()).not.toContain('alice');
  const before = mails().length;
  await round({ email: byMail() });
  expect(mails()).toHaveLength(before);
  await dueAgain();
  await round({ email: byMail() });
  expect(mails()).toHaveLength(before + 1);
});

it('waits for an address of whoever has none', async () => {
  await note('idle');
  await round({ slack: bySlack(), email: byMail() });
  expect(await told()).toEqual({ done: false, attempts: 1, code: 'no_address' });
  await address();
  await dueAgain();
  await round({ email: byMail() });
  expect(await told()).toMatchObject({ done: true });
});

it('two loops tell one note once', async () => {
  await address();
  await note('idle');
  const before = mails().length;
  await Promise.all([round({ email: byMail() }), round({ email: byMail() })]);
  expect(mails().length - before).toBe(1);
});
