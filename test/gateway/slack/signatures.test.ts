import { ACTIONS } from '../../../channels/slack/ids';
import { type Forgery } from '../../../demo/doubles/slack/slack-person';
import { SECRETS, type SlackHarness, startSlackHarness } from './workspace';

let desk: SlackHarness;
beforeAll(async () => (desk = await startSlackHarness()));
afterAll(() => desk.stop());

const approve = async (forgery: Forgery): Promise<{ status: number; votes: object[] }> => {
  const { request, card } = await desk.ask();
  const { status } = await desk.people.bob.press(card, ACTIONS.approve, forgery);
  return { status, votes: await desk.votes(request) };
};

const CAST = [{ person: 'bob', choice: 'approve', channel: 'slack', reason: null }];

test.each<[string, Forgery]>([
  ['a wrong signature', { headers: { 'x-slack-signature': `v0=${'0'.repeat(64)}` } }],
  ['another secret', { secret: 'secret-of-somebody-else' }],
  ['no signature', { headers: { 'x-slack-signature': undefined } }],
  ['no timestamp', { headers: { 'x-slack-request-timestamp': undefined } }],
  ['an empty hash', { headers: { 'x-slack-signature': 'v0=' } }],
  ['another version', { headers: { 'x-slack-signature': `v1=${'0'.repeat(64)}` } }],
  ['the header twice', { headers: { 'x-slack-signature': `v0=${'0'.repeat(64)}, v0=${'1'.repeat(64)}` } }],
  ['a timestamp that is no number', { headers: { 'x-slack-request-timestamp': 'now' } }],
  ['the signature of another body', { headers: { 'x-slack-signature': `v0=${'ab'.repeat(32)}` } }],
])('X1 %s is nobody’s vote', async (_, forgery) => {
  expect(await approve(forgery)).toEqual({ status: 401, votes: [] });
});

test('X1 what nobody signed is counted, and never in the ledger', async () => {
  const { card } = await desk.ask();
  const noted = async (): Promise<{ strangers: number; entries: number } | undefined> => {
    await desk.deps.strangers.flush();
    const { rows } = await desk.superuser.query<{ strangers: number; entries: number }>(
      `select (select coalesce(sum(count), 0)::integer from security_events where kind = 'not_from_slack') as strangers,
        (select count(*)::integer from ledger) as entries`,
    );
    return rows[0];
  };
  const before = await noted();
  await desk.people.bob.press(card, ACTIONS.approve, { secret: 'secret-of-somebody-else' });
  expect(await noted()).toEqual({ ...before, strangers: (before?.strangers ?? 0) + 1 });
});

test('X2 the very bytes are what is signed: written otherwise, they are refused', async () => {
  const { request, card } = await desk.ask();
  const honest = new URLSearchParams({ payload: JSON.stringify({ type: 'block_actions', note: 'a b' }) }).toString();
  const { status } = await desk.people.bob.send(honest.replaceAll('+', '%20'), { headers: await signatureOf(honest) });
  expect([status, await desk.votes(request), card.versions.length]).toEqual([401, [], 1]);
});

test.each([
  [-290, 200],
  [-302, 401],
  [290, 200],
  [310, 401],
  [600, 401],
])('X3 X4 a request of %i seconds from now answers %i', async (skewS, status) => {
  expect(await approve({ skewS })).toEqual({ status, votes: status === 200 ? CAST : [] });
});

test('X5 sent again within its time it does nothing, and says so to nobody', async () => {
  const { request, card } = await desk.ask({ need: 2 });
  const sent: { body: string; headers: Record<string, string> }[] = [];
  await recording(sent, () => desk.people.bob.press(card, ACTIONS.approve));
  const told = desk.people.bob.told().length;
  const [first] = sent;
  const again = await fetch(`${desk.url}/slack/interactions`, { method: 'POST', ...first });
  expect([again.status, await desk.votes(request), desk.people.bob.told().length]).toEqual([200, CAST, told]);
  const spelled = { ...first?.headers, 'x-slack-request-timestamp': `0${first?.headers['x-slack-request-timestamp']}` };
  const anew = await fetch(`${desk.url}/slack/interactions`, { method: 'POST', ...first, headers: spelled });
  expect([anew.status, await desk.votes(request), desk.people.bob.told().length]).toEqual([401, CAST, told]);
});

test('two secrets hold while one is being replaced', async () => {
  expect(await approve({ secret: SECRETS[1] })).toEqual({ status: 200, votes: CAST });
});

test('a body beyond the limit is refused before it is read to its end', async () => {
  const { status } = await desk.people.bob.send(`payload=${'x'.repeat(300 * 1024)}`);
  expect(status).toBe(413);
});

test('Slack’s own checks are answered', async () => {
  expect((await desk.people.bob.send('ssl_check=1&token=x')).status).toBe(200);
});

test.each([
  [
    'a button of ours that is a link',
    { type: 'block_actions', actions: [{ action_id: 'countersign.link', value: 'x' }] },
  ],
  ['a button of somebody else', { type: 'block_actions', actions: [{ action_id: 'poll.vote', value: 'yes' }] }],
  ['an event that we know nothing of', { type: 'message_action' }],
])('%s is acknowledged', async (_, payload) => {
  expect(await desk.people.bob.deliver(payload)).toMatchObject({ status: 200, warned: false });
});

async function signatureOf(body: string): Promise<Record<string, string>> {
  const sent: { body: string; headers: Record<string, string> }[] = [];
  await recording(sent, () => desk.people.bob.send(body));
  return sent[0]?.headers ?? {};
}

/** What is sent while `work` runs, byte for byte. */
async function recording(
  sent: { body: string; headers: Record<string, string> }[],
  work: () => Promise<unknown>,
): Promise<void> {
  const real = globalThis.fetch;
  globalThis.fetch = (url, init) => {
    if (url === `${desk.url}/slack/interactions`)
      sent.push({ body: init?.body as string, headers: init?.headers as Record<string, string> });
    return real(url, init);
  };
  try {
    await work();
  } finally {
    globalThis.fetch = real;
  }
}
