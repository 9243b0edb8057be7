import { ErrorCode, WebClient } from '@slack/web-api';
import { type SlackDouble, startSlackDouble } from '../../../demo/doubles/slack/start-slack-double';

let slack: SlackDouble;
let client: WebClient;

beforeEach(async () => {
  slack = await startSlackDouble({
    botToken: 'xoxb-double',
    signingSecret: 'secret-of-the-double',
    channels: ['C1'],
    users: ['U1'],
    perSecond: 1,
  });
  client = new WebClient('xoxb-double', {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    timeout: 1_000,
    rejectRateLimitedCalls: true,
  });
});
afterEach(() => slack.stop());

const section = (text: string): object => ({ type: 'section', text: { type: 'plain_text', text } });
const post = (more: object = {}): Promise<unknown> =>
  client.chat.postMessage({ channel: 'C1', text: 'hello', ...more });
const refused = (code: string): object => ({
  code: ErrorCode.PlatformError,
  data: expect.objectContaining({ error: code }),
});

test('it keeps what a message showed, version after version', async () => {
  const { ts } = await client.chat.postMessage({ channel: 'C1', text: 'one', blocks: [section('first')] as never });
  await client.chat.update({ channel: 'C1', ts: ts ?? '', text: 'two' });
  expect(slack.book.messages).toMatchObject([{ channel: 'C1', ts, versions: [{ text: 'one' }, { text: 'two' }] }]);
});

test('metadata is listed only to whoever asks for it', async () => {
  const metadata = { event_type: 'e', event_payload: { id: 'x' } };
  await post({ metadata });
  const read = async (all: boolean): Promise<unknown> =>
    (await client.conversations.history({ channel: 'C1', include_all_metadata: all })).messages?.[0];
  expect(await read(true)).toMatchObject({ metadata });
  expect(await read(false)).not.toHaveProperty('metadata');
});

test.each([
  ['another channel', { channel: 'C2' }, 'channel_not_found'],
  ['a thread that is not there', { thread_ts: '1.1' }, 'thread_not_found'],
  ['too many blocks', { blocks: Array.from({ length: 51 }, () => section('x')) }, 'invalid_blocks'],
  ['a section that is too long', { blocks: [section('x'.repeat(3_001))] }, 'invalid_blocks'],
  [
    'blocks that are too long together',
    { blocks: Array.from({ length: 5 }, () => section('x'.repeat(2_900))) },
    'msg_blocks_too_long',
  ],
  ['an unknown block', { blocks: [{ type: 'carousel' }] }, 'invalid_blocks'],
  [
    'the same block id twice',
    {
      blocks: [
        { ...section('a'), block_id: 'b' },
        { ...section('b'), block_id: 'b' },
      ],
    },
    'invalid_blocks',
  ],
])('it refuses %s', async (_, message, code) => {
  await expect(post(message)).rejects.toMatchObject(refused(code));
});

test('it knows its bot by the token', async () => {
  const stranger = new WebClient('xoxb-other', { slackApiUrl: slack.url, retryConfig: { retries: 0 } });
  await expect(stranger.auth.test()).rejects.toMatchObject(refused('invalid_auth'));
});

test('more than a message a second in one channel is too many, after a burst', async () => {
  for (let sent = 0; sent < 3; sent++) await post();
  await expect(post()).rejects.toMatchObject({ code: ErrorCode.RateLimitedError, retryAfter: 1 });
});

test('a trigger opens one form, of whoever pressed', async () => {
  const view = { type: 'modal', title: { type: 'plain_text', text: 'Why?' }, blocks: [section('x')] } as never;
  const trigger_id = slack.book.newTrigger('U1');
  await client.views.open({ trigger_id, view });
  expect(slack.book.views).toMatchObject([{ user: 'U1', open: true }]);
  await expect(client.views.open({ trigger_id, view })).rejects.toMatchObject(refused('exchanged_trigger_id'));
  await expect(client.views.open({ trigger_id: 'made up', view })).rejects.toMatchObject(refused('invalid_trigger_id'));
});

test('faults happen in their order, to the method that they are meant for', async () => {
  slack.fail(429, 1, 'chat.postMessage');
  slack.fail('drop_after', 1, 'chat.postMessage');
  slack.fail('error:token_revoked', 1);
  await expect(client.auth.test()).rejects.toMatchObject(refused('token_revoked'));
  await expect(post()).rejects.toMatchObject({ code: ErrorCode.RateLimitedError });
  await expect(post()).rejects.toMatchObject({ code: ErrorCode.RequestError });
  expect(slack.book.messages).toHaveLength(1);
});
