import { ACTIONS } from '../../../channels/slack/ids';
import { textOf } from '../../../demo/doubles/slack/block-rules';
import { type SlackHarness, startSlackHarness } from './workspace';

let desk: SlackHarness;
beforeAll(async () => (desk = await startSlackHarness()));
afterAll(() => desk.stop());

const last = (words: readonly string[]): string | undefined => words.at(-1);

test('A1 a press is a vote, committed before Slack has its answer', async () => {
  const { request, card } = await desk.ask();
  expect(await desk.people.bob.press(card, ACTIONS.approve)).toMatchObject({ status: 200, warned: false });
  expect(await desk.votes(request)).toEqual([{ person: 'bob', choice: 'approve', channel: 'slack', reason: null }]);
});

test('A1 a denial asks why, and is a vote with the answer', async () => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.deny);
  expect(await desk.votes(request)).toEqual([]);
  await desk.people.bob.submit(desk.people.bob.form(), { reason: 'not this month' });
  expect(await desk.votes(request)).toEqual([
    { person: 'bob', choice: 'deny', channel: 'slack', reason: 'not this month' },
  ]);
});

test('a form that says nothing stays open and says why', async () => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.deny);
  const { body } = await desk.people.bob.submit(desk.people.bob.form(), { reason: '  ' });
  expect(JSON.parse(body)).toMatchObject({
    response_action: 'errors',
    errors: { reason: expect.stringContaining('reason') },
  });
  expect(await desk.votes(request)).toEqual([]);
});

test('an approval that needs a reason asks for it', async () => {
  const { request, card } = await desk.ask({ reason: 'required' });
  await desk.people.bob.press(card, ACTIONS.approve);
  await desk.people.bob.submit(desk.people.bob.form(), { reason: 'checked with the keeper' });
  expect(await desk.votes(request)).toMatchObject([{ choice: 'approve', reason: 'checked with the keeper' }]);
});

test('A2 a press that cannot be stored is no 200, and the person is told', async () => {
  const { request, card } = await desk.ask();
  await desk.superuser.query('alter table slack_deliveries rename to away');
  try {
    const pressed = await desk.people.bob.press(card, ACTIONS.approve);
    expect(pressed.warned).toBe(true);
    expect(last(desk.people.bob.told())).toMatch(/may not have been recorded/);
  } finally {
    await desk.superuser.query('alter table away rename to slack_deliveries');
  }
  expect(await desk.votes(request)).toEqual([]);
  await desk.people.bob.press(card, ACTIONS.approve);
  expect(await desk.votes(request)).toHaveLength(1);
});

test('A2 a press counts while Temporal is away', async () => {
  const { request, card } = await desk.ask();
  const tried = new Promise<void>((resolve) => {
    desk.play.wake = () => {
      resolve();
      return Promise.reject(new Error('Temporal is away'));
    };
  });
  expect(await desk.people.bob.press(card, ACTIONS.approve)).toMatchObject({ status: 200 });
  await tried;
  desk.play.wake = () => Promise.resolve('woken');
  expect(await desk.votes(request)).toHaveLength(1);
  const { rows } = await desk.superuser.query('select done_at from outbox where action = $1 order by id desc limit 1', [
    `act-${request.slice(4, 40)}`,
  ]);
  expect(rows).toEqual([{ done_at: null }]); // whoever drains the outbox will tell the workflow
});

test('buttons stay where the decision failed: a card changes by what Postgres says, and by nothing else', async () => {
  const { card } = await desk.ask();
  await desk.people.dan.press(card, ACTIONS.approve);
  expect(card.versions).toHaveLength(1);
  expect(desk.slack.calls.filter(({ method }) => method === 'chat.update')).toEqual([]);
});

test('an approval while the action runs already is answered, and approves nothing twice', async () => {
  const { action, request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.approve);
  await desk.superuser.query(`update approval_requests set state = 'approved', closed_at = now() where request = $1`, [
    request,
  ]);
  await desk.superuser.query(`update actions set state = 'executing' where action = $1`, [action]);
  for (const who of ['bob', 'cleo'] as const) {
    await desk.people[who].press(card, ACTIONS.approve);
    expect(last(desk.people[who].told())).toMatch(/Approved by bob/);
  }
  expect(await desk.votes(request)).toHaveLength(1);
});

test('X6 a double click decides once, and the second is answered', async () => {
  const { request, card } = await desk.ask();
  const presses = Array.from({ length: 50 }, () => desk.people.bob.press(card, ACTIONS.approve));
  expect(new Set((await Promise.all(presses)).map(({ status }) => status))).toEqual(new Set([200]));
  expect(await desk.votes(request)).toHaveLength(1);
  expect(last(desk.people.bob.told())).toMatch(/already/);
});

test('X8 nobody decides on their own agent, in Slack either', async () => {
  const { request, card } = await desk.ask();
  await desk.people.olga.press(card, ACTIONS.approve);
  expect(last(desk.people.olga.told())).toMatch(/own/);
  expect(await desk.votes(request)).toEqual([]);
});

test('somebody who is not asked is told so', async () => {
  const { request, card } = await desk.ask();
  await desk.people.dan.press(card, ACTIONS.approve);
  expect(last(desk.people.dan.told())).toMatch(/not among the people/);
  expect(await desk.votes(request)).toEqual([]);
});

test('X11 whoever was deactivated since is nobody at the click', async () => {
  const { request, card } = await desk.ask();
  await desk.superuser.query(`update people set state = 'left' where tenant = 'acme' and person = 'cleo'`);
  await desk.people.cleo.press(card, ACTIONS.approve);
  await desk.superuser.query(`update people set state = 'active' where tenant = 'acme' and person = 'cleo'`);
  expect(await desk.votes(request)).toEqual([]);
});

test('X16 after its time a press is answered, and changes nothing', async () => {
  const { request, card } = await desk.ask({ deadlineMs: -1_000 });
  await desk.people.bob.press(card, ACTIONS.approve);
  expect(last(desk.people.bob.told())).toMatch(/time to decide is over/);
  expect(await desk.votes(request)).toEqual([]);
});

test('a stale button is never met with silence: it says who decided', async () => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.approve);
  await desk.superuser.query(`update approval_requests set state = 'approved', closed_at = now() where request = $1`, [
    request,
  ]);
  await desk.people.cleo.press(card, ACTIONS.approve);
  expect(last(desk.people.cleo.told())).toMatch(/Approved by bob/);
  expect(await desk.votes(request)).toHaveLength(1);
});

test('X22 what one person wrote to deny is words to the next, and no mention or link', async () => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.deny);
  const reason = '<!channel> *approved*, see <https://evil.example|here>';
  await desk.people.bob.submit(desk.people.bob.form(), { reason });
  await desk.superuser.query(`update approval_requests set state = 'rejected', closed_at = now() where request = $1`, [
    request,
  ]);
  await desk.people.cleo.press(card, ACTIONS.approve);
  const said = desk.slack.book.ephemerals.at(-1);
  expect(said?.text).toContain('Denied by bob: &lt;!channel&gt; \\u{2a}approved');
  expect(said?.text).not.toMatch(/[<>*]/);
  expect(said?.blocks).toMatchObject([{ type: 'section', text: { type: 'plain_text', emoji: false } }]);
  expect(textOf(said?.blocks)).toContain('&lt;https://evil.example|here&gt;');
});

test('X24 an approval never hits another card: what was shown is what is voted on', async () => {
  const { request, card } = await desk.ask();
  const other = await desk.ask();
  await desk.superuser.query(`update approval_requests set digest = $2 where request = $1`, [
    request,
    `sha256:${'1'.repeat(64)}`,
  ]);
  await desk.people.bob.press(card, ACTIONS.approve);
  expect(last(desk.people.bob.told())).toMatch(/not what would run/);
  expect([await desk.votes(request), await desk.votes(other.request)]).toEqual([[], []]);
});

test('X17 one person counts once, in Slack and over the API', async () => {
  const { request, card } = await desk.ask({ need: 2 });
  await desk.people.bob.press(card, ACTIONS.approve);
  const { body } = await desk.request('GET', `/v1/approvals/${request}`, { as: 'bob' });
  const json = { choice: 'approve', digest: body.digest };
  await desk.request('POST', `/v1/approvals/${request}/votes`, { as: 'bob', json });
  expect(await desk.votes(request)).toHaveLength(1);
});

test.each([
  ['the workspace', { team: 'T0OTHER' }],
  ['the person', { payload: { user: { id: 'U0BOB', team_id: 'T0OTHER' } } }],
])('X27 a press counts for nobody when %s is another’s', async (_, forgery) => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.approve, forgery);
  expect(await desk.votes(request)).toEqual([]);
  expect(last(desk.people.bob.told())).toMatch(/not the one/);
});

test('A14 everything that a card may have cut can be read in Slack: facts, rules, words and parameters', async () => {
  const because = `It is in the way. ${'x'.repeat(900)} end of the words`;
  const { body } = await desk.act({
    json: { type: 'warehouse.move_box', params: { box: 'b-1', weightGrams: 1 }, because, waitMs: 0 },
  });
  const { card } = await desk.cardFor(body.id);
  await desk.people.bob.press(card, ACTIONS.show);
  const shown = textOf(desk.people.bob.form().view['blocks']);
  for (const said of ['Move b-1 off s-3', 'shelf: s-3', 'end of the words', '"weightGrams":1'])
    expect(shown).toContain(said);
});

test('an app that is installed for an organisation knows people by their own workspace', async () => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.approve, { payload: { team: null } });
  expect(await desk.votes(request)).toHaveLength(1);
});
