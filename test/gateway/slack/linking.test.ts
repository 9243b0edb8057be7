import { ACTIONS } from '../../../channels/slack/ids';
import { buttonsOf } from '../../../demo/doubles/slack/slack-person';
import { secret } from '../harness';
import { type SlackHarness, startSlackHarness } from './workspace';

let desk: SlackHarness;
beforeEach(async () => (desk = await startSlackHarness()));
afterEach(() => desk.stop());

/** Presses as somebody unknown, and opens the link that only they were shown. */
async function offered(): Promise<{ request: string; path: string }> {
  const { request, card } = await desk.ask();
  expect(await desk.people.stranger.press(card, ACTIONS.approve)).toMatchObject({ status: 200 });
  const shown = desk.slack.book.ephemerals.at(-1);
  expect(shown?.user).toBe('U0NEW');
  const [button] = buttonsOf(shown?.blocks ?? []);
  return { request, path: new URL(String(button?.['url'])).pathname };
}

const open = (path: string): Promise<Response> => fetch(desk.url + path);
const give = (path: string, token: string, mine = 'U0NEW'): Promise<Response> =>
  fetch(desk.url + path, { method: 'POST', body: new URLSearchParams({ token, mine }) });

const linked = async (): Promise<string[]> =>
  (
    await desk.superuser.query<{ person: string }>(`select person from slack_identities where slack_user = 'U0NEW'`)
  ).rows.map(({ person }) => person);

test('somebody unknown is offered a link, recorded, and not counted', async () => {
  const { request } = await offered();
  expect(await desk.votes(request)).toEqual([]);
  const { rows } = await desk.superuser.query(
    `select count(*)::integer as n from ledger where leaf like '%vote.refused%' and leaf like '%slack%'`,
  );
  expect(rows).toEqual([{ n: 1 }]);
});

test('the link is a page for people, and opening it links nobody', async () => {
  const { path } = await offered();
  const page = await open(path);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('<form');
  expect((await open(path)).status).toBe(200);
  expect(await linked()).toEqual([]);
});

test('whoever is logged in here and was given the code links it, once', async () => {
  await desk.superuser.query(`delete from slack_identities where person = 'dan'`);
  const { path } = await offered();
  expect((await give(path, secret('dan'))).status).toBe(200);
  expect(await linked()).toEqual(['dan']);
  expect((await give(path, secret('max'))).status).toBe(409);
  expect(await linked()).toEqual(['dan']);
});

test.each([
  ['nobody’s login', () => 'countersign_person_made_up_0123456789'],
  ['an agent’s key', () => secret('agent')],
  ['a login of another tenant', () => secret('foreign-bob')],
])('%s links nothing', async (_, token) => {
  const { path } = await offered();
  expect((await give(path, token())).status).toBe(401);
  expect(await linked()).toEqual([]);
});

test('a code that was never given links nothing', async () => {
  expect((await give(`/slack/link/${'A'.repeat(32)}`, secret('dan'))).status).toBe(409);
});

test('one account gets five codes at a time, and then words', async () => {
  const { card } = await desk.ask();
  for (let pressed = 0; pressed < 6; pressed++) await desk.people.stranger.press(card, ACTIONS.approve);
  const { rows } = await desk.superuser.query('select count(*)::integer as n from slack_link_codes');
  expect(rows).toEqual([{ n: 5 }]);
  expect(desk.people.stranger.told().at(-1)).toMatch(/wait ten minutes/);
});

test('the code is in no log', async () => {
  const { path } = await offered();
  await open(path);
  await give(path, secret('dan'));
  expect(desk.log.join('')).toContain('/slack/link/{code}');
  expect(desk.log.join('')).not.toContain(path.split('/').at(-1));
});

test('the page says whose Slack account it is, and links nothing to whoever does not say that it is theirs', async () => {
  const { path } = await offered();
  expect(await (await open(path)).text()).toContain('<strong>new (U0NEW)</strong>');
  expect((await give(path, secret('dan'), '')).status).toBe(409);
  expect((await give(path, secret('dan'), 'U0DAN')).status).toBe(409);
  expect(await linked()).toEqual([]);
});

test('no entry of the ledger says which Slack account pressed', async () => {
  await offered();
  const { rows } = await desk.superuser.query(`select count(*)::integer as n from ledger where leaf like '%U0NEW%'`);
  expect(rows).toEqual([{ n: 0 }]);
});
