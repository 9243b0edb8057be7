import { Client } from 'pg';
import { type ArrivedMail, type MailDouble, startMailDouble } from '../../demo/doubles/mail/start-mail-double';
import { cardsOf, type ShownCard } from '../../demo/doubles/slack/cards-of';
import { type Fault } from '../../demo/doubles/slack/fault-plan';
import { type SlackDouble, startSlackDouble } from '../../demo/doubles/slack/start-slack-double';
import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { hostOf, type Line, startLine } from '../helpers/line';
import { ended, invoice, type Invoice, largeInvoice, pay, paymentsOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

const USERS = { alice: 'U0ALICE', bob: 'U0BOB', carol: 'U0CAROL' } as const;
/** More than any test lets happen. */
const FOR_EVER = 100_000;
/** What one person may get about one request: five mails that ask, remind or are sent again, the first, and one that nothing is left to do. */
const MOST_MAILS = 7;

let slack: SlackDouble;
let mail: MailDouble;
let toMail: Line;
let spine: Spine;
beforeAll(async () => {
  mail = await startMailDouble();
  toMail = await startLine(hostOf(mail.url));
  slack = await startSlackDouble({
    ...{ botToken: 'xoxb-double', signingSecret: 'secret-of-the-double', channels: ['C0DESK'] },
    ...{ users: Object.values(USERS), perSecond: 100 },
  });
  spine = await startSpine({
    settings: () =>
      Promise.resolve({
        SLACK_BOT_TOKEN: 'xoxb-double',
        SLACK_SIGNING_SECRET: 'secret-of-the-double',
        SLACK_CHANNEL: 'C0DESK',
        SLACK_TEAM: slack.workspace.team,
        SLACK_TENANT: 'demo',
        SLACK_API_URL: slack.url,
        SMTP_URL: `smtp://${toMail.address}`,
        MAIL_FROM: 'countersign@example.org',
      }),
  });
  await withOwner(
    ...Object.entries(USERS).map(
      ([person, user]) =>
        `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ('demo', '${slack.workspace.team}', '${user}', '${person}', 'seed')`,
    ),
    `insert into person_addresses (tenant, person, address) values ('demo', 'bob', 'bob@example.org'), ('demo', 'carol', 'carol@example.org')`,
  );
});
afterAll(async () => {
  await spine.stop();
  await toMail.down();
  await Promise.all([slack.stop(), mail.stop()]);
});

afterEach(async () => {
  slack.mend();
  expect([spine.gateway().hasEnded(), spine.worker().hasEnded()]).toEqual([false, false]);
  expect(await checkInvariants(spine)).toEqual([]);
});

const cardsAbout = (id: string): ShownCard[] => cardsOf(slack.book).filter(({ action }) => action === id);
const mailsAbout = ({ invoiceId }: Invoice, person: string): ArrivedMail[] =>
  mail.mails.filter(({ to, parsed }) => to[0] === `${person}@example.org` && parsed.text?.includes(invoiceId) === true);
const until = (what: string, holds: () => boolean): Promise<void> => waitUntil(holds, { what, withinMs: 90_000 });

async function deny(id: string): Promise<void> {
  expect((await vote(spine, 'bob', id, 'deny')).status).toBe(200);
  expect(await ended(spine, id)).toMatchObject({ kind: 'rejected' });
  expect(paymentsOf(spine, id)).toBe(0);
}

describe('F13 a Slack', () => {
  const transient: readonly (readonly [string, Fault])[] = [
    ['that is overrun', 429],
    ['that is broken', 500],
    ['that never answers', 'hang'],
    ['that does what it is told and hangs up', 'drop_after'],
    ['without our channel', 'error:channel_not_found'],
  ];
  it.each(transient)(
    '%s: people get a mail, and once it is well one card',
    async (_what, fault) => {
      slack.fail(fault, FOR_EVER);
      const params = largeInvoice();
      const { id } = await pay(spine, params);
      await until('No mail was sent', () => ['bob', 'carol'].every((who) => mailsAbout(params, who).length > 0));
      slack.mend();
      await until('No card was posted', () => cardsAbout(id).length > 0);
      await deny(id);
      await until('The card still has its buttons', () => cardsAbout(id).every(({ buttons }) => buttons.size === 0));
      expect(cardsAbout(id)).toHaveLength(1);
      expect(mailsAbout(params, 'carol').length).toBeLessThanOrEqual(MOST_MAILS);
    },
    240_000,
  );

  it('that has revoked our token: people get a mail, and the request is decided', async () => {
    slack.fail('error:token_revoked', FOR_EVER);
    const params = largeInvoice();
    const { id } = await pay(spine, params);
    await until('No mail was sent', () => mailsAbout(params, 'bob').length > 0);
    await vote(spine, 'carol', id, 'approve');
    expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
    expect(cardsAbout(id)).toEqual([]);
  }, 200_000);
});

describe('where Carol has no Slack', () => {
  beforeAll(async () => await withOwner(`delete from slack_identities where person = 'carol'`));

  it('F15 a mail server that is down, drops what it took, or answers too late: she gets a mail, and few, and others decide', async () => {
    await toMail.down();
    const params = largeInvoice();
    const { id } = await pay(spine, params);
    await until('Nobody noticed', () => spine.worker().log().includes('smtp_'));
    await until('No card was posted', () => cardsAbout(id).length > 0);
    mail.fail('drop_after', 2);
    mail.fail('late');
    mail.fail(451);
    await toMail.up();
    await until('It was not sent again', () => mailsAbout(params, 'carol').length > 2);
    await deny(id);
    expect(mailsAbout(params, 'carol').length).toBeLessThanOrEqual(MOST_MAILS);
    // Whatever was sent twice is one mail to a mail program.
    const ids = new Set(mailsAbout(params, 'carol').map(({ parsed }) => parsed.messageId));
    expect(ids.size).toBe(1);
  }, 240_000);

  it('F16 with every channel down until the deadline, it expires, nothing happens, and an operator can see why', async () => {
    slack.fail(500, FOR_EVER);
    await toMail.down();
    const params = invoice({ urgency: 'same-day' });
    const { id } = await pay(spine, params);
    expect(await ended(spine, id, 90_000)).toMatchObject({ kind: 'expired' });
    expect(paymentsOf(spine, id)).toBe(0);
    expect(await askedAbout(id)).toMatchObject([
      { state: 'expired', notToldFor: expect.stringMatching(/^(slack|smtp)/) as string },
    ]);
    const places = (await askedAbout(id)).flatMap((each) => each.places);
    expect(new Set(places.map(({ channel }) => channel))).toEqual(new Set(['slack', 'email']));
    expect(places.filter(({ state }) => state === 'shown')).toEqual([]);
    expect(spine.worker().log()).toContain('a surface could not be brought up to date');

    await toMail.up();
    slack.mend();
    const next = largeInvoice();
    const { id: later } = await pay(spine, next);
    await until('No card was posted', () => cardsAbout(later).length > 0);
    await deny(later);
    // Nobody is asked any more what nobody can decide.
    expect(cardsAbout(id).filter(({ buttons }) => buttons.size > 0)).toEqual([]);
  }, 240_000);
});

interface AskedAbout {
  readonly state: string;
  readonly notToldFor: string | null;
  readonly places: readonly { readonly channel: string; readonly state: string }[];
}

/** What an operator is shown. */
async function askedAbout(id: string): Promise<readonly AskedAbout[]> {
  const shown = await fetch(`${spine.adminUrl}/v1/admin/actions/${id}`, {
    headers: { authorization: `Bearer ${spine.people.alice.token}` },
  });
  return ((await shown.json()) as { asked: readonly AskedAbout[] }).asked;
}

async function withOwner(...statements: readonly string[]): Promise<void> {
  const owner = new Client({ connectionString: spine.database.superuserUrl });
  await owner.connect();
  for (const statement of statements) await owner.query(statement);
  await owner.end();
}
