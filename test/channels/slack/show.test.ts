import { createSlackChannel } from '../../../channels/slack/create-slack-channel';
import { createSlackClient } from '../../../channels/slack/slack-client';
import { type Channel, type Shown, type Surfaces } from '../../../channels/channel';
import { buttonsOf } from '../../../demo/doubles/slack/slack-person';
import { type DoubleMessage } from '../../../demo/doubles/slack/slack-book';
import { type SlackDouble, startSlackDouble } from '../../../demo/doubles/slack/start-slack-double';
import { type Notice, type NoticeVote } from '../../../domain/notice';
import { type Surface } from '../../../domain/surface';
import { AT, aClosedNotice, aNotice } from '../../helpers/notice';

const BOB = { person: 'bob', address: 'U0BOB' };
const OLGA = { person: 'olga', address: 'U0OLGA' };
const BY_BOB: NoticeVote = { person: 'bob', choice: 'approve', channel: 'cli', at: AT, reason: 'fine' };

let slack: SlackDouble;
let channel: Channel;
let stored: Map<string, Surface>;
/** How long we have slept or waited, without anybody having to. */
let laterMs = 0;

beforeEach(async () => {
  const options = { botToken: 'xoxb-1', signingSecret: 'signing-secret-of-the-double' };
  slack = await startSlackDouble({ ...options, channels: ['C1'], users: ['U0BOB', 'U0OLGA'], perSecond: 100 });
  channel = newChannel();
  stored = new Map();
  laterMs = 0;
});
afterEach(() => slack.stop());

/** As a process has it that was started just now: it has no memory but the table. */
function newChannel(now = () => Date.now() + laterMs): Channel {
  const clock = {
    now,
    sleep: async (ms: number) => {
      laterMs += ms;
      // The double takes a hundred a second: what was sent before has arrived by then, also on a slow machine.
      await new Promise((resolve) => setTimeout(resolve, 200));
    },
  };
  const client = createSlackClient({ botToken: 'xoxb-1', apiUrl: slack.url });
  return createSlackChannel({ client, clock, channel: 'C1', team: 'T0DOUBLE', tenant: 'acme' });
}

/** The table of surfaces; `crash`: the process ends instead of remembering what it has sent. */
function surfaces({ crash = false } = {}): Surfaces {
  const change = (name: string, more: Partial<Surface>): void => {
    const before = stored.get(name);
    if (before !== undefined) stored.set(name, { ...before, ...more });
  };
  return {
    all: [...stored.values()],
    intend: async (surface, kind, place) => {
      if (stored.has(surface)) return false;
      const intended = { surface, channel: kind, place, externalId: null, version: 0, ageMs: 0 };
      stored.set(surface, { ...intended, state: 'intended' });
      return true;
    },
    shown: async (surface, version, externalId) => {
      if (crash) throw new Error('killed');
      change(surface, { version, externalId, state: 'shown' });
    },
    gone: async (surface) => change(surface, { state: 'gone' }),
  };
}

/** Each time a while later: what Slack takes at once is not what these are about. */
const show = async (notice: Notice, recipients = [BOB]): Promise<Shown> => {
  laterMs += 10_000;
  return await channel.show(notice, surfaces(), recipients);
};
const cards = (): DoubleMessage[] => slack.book.messages.filter(({ channel: c, threadTs }) => c === 'C1' && !threadTs);
const thread = (): string[] =>
  slack.book.messages.filter(({ threadTs }) => threadTs !== undefined).map(({ versions }) => wordsOf(versions.at(-1)));
const wordsOf = (shown: unknown): string => JSON.stringify(shown);
const nowShown = (message: DoubleMessage | undefined) => message?.versions.at(-1);
const liveButtons = (): unknown[] => cards().flatMap((card) => buttonsOf(nowShown(card)?.blocks ?? []));

const voted = (more: Partial<Notice> = {}): Notice =>
  aNotice({ version: 2, events: [{ key: 'voted/bob/approve', kind: 'voted', ...BY_BOB }], ...more });

it('asks once, however often it is told', async () => {
  for (let time = 0; time < 3; time++) expect(await show(aNotice())).toEqual({ kind: 'shown' });
  expect(cards()).toHaveLength(1);
  expect(slack.calls).toHaveLength(1);
  expect(cards()[0]?.versions[0]?.metadata).toEqual({
    event_type: 'countersign_card',
    event_payload: { request: 'apr-0-1', action: 'act-0', surface: 'slack/card' },
  });
  expect(slack.calls[0]?.args).toMatchObject({ link_names: 'false', unfurl_links: 'false', parse: 'none' });
});

it('takes the buttons off every card and says how it ended, wherever it was decided', async () => {
  await show(aNotice());
  expect(liveButtons()).toHaveLength(3);
  await show(voted());
  const [stage] = aNotice().stages;
  const stages = stage === undefined ? [] : [{ ...stage, waitingFor: [], votes: [BY_BOB] }];
  const end = aClosedNotice('approved', 'executed', { stages });
  await show({ ...end, events: [...voted().events, ...end.events] });
  expect(liveButtons()).toEqual([]);
  expect(wordsOf(nowShown(cards()[0]))).toContain('Approved by bob.');
  expect(cards()).toHaveLength(1);
  expect(thread()).toEqual([
    expect.stringContaining('bob approved (cli, '),
    expect.stringContaining('Approved by bob.'),
    expect.stringContaining('The action ended: executed.'),
  ]);
});

it.each([
  ['expired', 'expired', 'Expired: nobody decided.'],
  ['cancelled', 'cancelled', 'Cancelled'],
  ['superseded', 'waiting', 'is asked anew'],
] as const)('takes the buttons off when it is %s', async (state, actionState, said) => {
  await show(aNotice());
  await show(aClosedNotice(state, actionState));
  expect(liveButtons()).toEqual([]);
  expect(wordsOf(nowShown(cards()[0]))).toContain(said);
});

it('does not ask what is closed already', async () => {
  expect(await show(aClosedNotice('expired', 'expired'))).toEqual({ kind: 'shown' });
  expect(slack.book.messages).toEqual([]);
});

it('tells the thread of each event once, and mentions those who are still waited for in a reminder', async () => {
  await show(aNotice());
  const reminded = { key: 'reminded/1', kind: 'reminded', at: AT, reminder: 1 } as const;
  for (const version of [2, 3]) await show(voted({ version, events: [...voted().events, reminded] }));
  expect(thread()).toHaveLength(2);
  expect(thread()[1]).toContain('Still waits for <@U0BOB>, cleo.');
});

it('makes no second card after a crash between sending and remembering', async () => {
  await expect(channel.show(aNotice(), surfaces({ crash: true }), [BOB])).rejects.toThrow('killed');
  expect(cards()).toHaveLength(1);
  channel = newChannel();
  expect(await show(voted())).toEqual({ kind: 'shown' });
  expect(cards()).toHaveLength(1);
  await show(aClosedNotice('expired', 'expired'));
  expect(liveButtons()).toEqual([]);
});

it('makes no second card, and says nothing twice, where an answer was lost after it was done', async () => {
  slack.fail('drop_after', 1, 'chat.postMessage');
  expect(await show(aNotice())).toMatchObject({ kind: 'failed', code: 'slack.unreachable' });
  slack.fail('drop_after', 1, 'chat.update');
  expect(await show(aNotice())).toMatchObject({ kind: 'failed' });
  await show(aNotice());
  slack.fail('drop_after', 1, 'chat.postMessage');
  expect(await show(voted())).toMatchObject({ kind: 'failed', asked: true });
  expect(await show(voted())).toEqual({ kind: 'shown' });
  expect(cards()).toHaveLength(1);
  expect(thread()).toHaveLength(1);
});

it('keeps two cards up to date, should there be two after all', async () => {
  slack.fail('drop_before', 1, 'chat.postMessage');
  await show(aNotice());
  await show(aNotice());
  const [card] = cards();
  // What was held up on its way arrives now.
  const late = slack.book.post('C1', undefined, {
    ...card?.versions[0],
    text: 'late',
  } as DoubleMessage['versions'][number]);
  expect(cards()).toHaveLength(2);
  await show(aClosedNotice('rejected', 'rejected'));
  expect(liveButtons()).toEqual([]);
  expect(nowShown(late)?.text).toContain('Denied');
});

it('is not taken in by a message that another app marked as ours', async () => {
  stored.set('slack/card', {
    ...{ surface: 'slack/card', channel: 'slack', place: 'C1', externalId: null, version: 0, state: 'intended' },
    ageMs: 0,
  });
  const event_payload = { request: 'apr-0-1', action: 'act-0', surface: 'slack/card' };
  slack.book.post('C1', undefined, {
    text: 'no',
    blocks: [],
    metadata: { event_type: 'countersign_card', event_payload },
  });
  slack.fail('error:cant_update_message', 1, 'chat.update');
  expect(await show(aNotice())).toEqual({ kind: 'shown' });
  expect(cards()).toHaveLength(2);
  expect(liveButtons()).toHaveLength(3);
});

it('tells the owner what their agent asks and how it ended, with nothing to press', async () => {
  const both = [BOB, OLGA];
  await show(aNotice(), both);
  await show(aClosedNotice('rejected', 'rejected'), both);
  await show(aClosedNotice('rejected', 'rejected', { version: 6 }), both);
  const told = slack.book.messages.filter(({ channel: c }) => c === 'D0OLGA');
  expect(told.map((each) => wordsOf(nowShown(each)))).toEqual([
    expect.stringContaining('Your agent mover asks: Move b-1'),
    expect.stringContaining('The action ended: rejected.'),
  ]);
  expect(told.flatMap(({ versions }) => versions.flatMap(({ blocks }) => buttonsOf(blocks)))).toEqual([]);
});

it('tells the others where one place is closed to us', async () => {
  slack.fail('error:user_not_found', 1, 'conversations.open');
  expect(await show(aNotice(), [BOB, OLGA])).toEqual({ kind: 'shown' });
  expect(cards()).toHaveLength(1);
});

it('gives up a card that was removed, and says that people are not asked there any more', async () => {
  await show(aNotice());
  slack.fail('error:message_not_found', 1, 'chat.update');
  expect(await show(voted())).toMatchObject({ kind: 'failed', code: 'slack.card_gone', asked: false });
  expect(await show(voted())).toMatchObject({ kind: 'failed', code: 'slack.card_gone', asked: false });
  expect(cards()).toHaveLength(1);
  expect(await show(aClosedNotice('approved', 'executed'))).toEqual({ kind: 'shown' });
});

it.each([
  ['error:channel_not_found', 'slack.channel_not_found', undefined],
  ['error:token_revoked', 'slack.token_revoked', 60_000],
  ['error:invalid_auth', 'slack.invalid_auth', 60_000],
  [429, 'slack.ratelimited', 1_000],
  [500, 'slack.http_500', undefined],
  ['drop_before', 'slack.unreachable', undefined],
  ['hang', 'slack.timeout', undefined],
] as const)('says what is wrong after %s, and asks once it works again', async (fault, code, retryAfterMs) => {
  slack.fail(fault, 1, 'chat.postMessage');
  const failed = { kind: 'failed', code, asked: false, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  expect(await show(aNotice())).toEqual(failed);
  channel = newChannel();
  expect(await show(aNotice())).toEqual({ kind: 'shown' });
  expect(cards()).toHaveLength(1);
});

it('asks Slack for nothing more while its token is refused', async () => {
  slack.fail('error:token_revoked', 9);
  await show(aNotice(), [BOB, OLGA]);
  expect(slack.calls).toHaveLength(1);
});

it('is silent for as long as Slack said', async () => {
  slack.fail(429, 1, 'chat.postMessage');
  await show(aNotice());
  const before = laterMs;
  await channel.show(aNotice(), surfaces(), [BOB]);
  expect(laterMs - before).toBeGreaterThan(800);
  expect(cards()).toHaveLength(1);
});

it('posts no faster than a channel takes it, and keeps nobody who would wait long', async () => {
  channel = newChannel(() => 0);
  const flood = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const notice = aNotice({ request: `apr-0-${String(n)}` });
      const all = { all: [], intend: async () => true, shown: async () => undefined, gone: async () => undefined };
      return await channel.show(notice, all, [BOB]);
    }),
  );
  const paced = flood.filter((each) => each.kind === 'failed' && each.code === 'slack.paced');
  // Three at once, one that waits a second for its turn; the others are told when to come back.
  expect([cards().length, paced.length]).toEqual([4, 4]);
  expect(paced[0]).toEqual({ kind: 'failed', code: 'slack.paced', retryAfterMs: 2_000, asked: false });
  expect(slack.calls.every(({ answer }) => answer['ok'] === true)).toBe(true);
});

it('never calls another address than that of its settings', async () => {
  const client = createSlackClient({ botToken: 'xoxb-1', apiUrl: slack.url.replace(/\/$/, '') });
  expect(await client.openConversation('U0BOB')).toEqual({ ok: true, value: 'D0BOB' });
});
