import fc from 'fast-check';
import { ACTIONS } from '../../../channels/slack/ids';
import { type DoubleMessage, type Json } from '../../../demo/doubles/slack/slack-book';
import { buttonsOf } from '../../../demo/doubles/slack/slack-person';
import { type SlackHarness, startSlackHarness } from './workspace';

let desk: SlackHarness;
beforeAll(async () => (desk = await startSlackHarness()));
afterAll(() => desk.stop());

const close = async (request: string, state: string): Promise<void> => {
  await desk.superuser.query(`update approval_requests set state = $2, closed_at = now() where request = $1`, [
    request,
    state,
  ]);
};

/** What Slack sends for a press of the button `approve`. */
function pressOf(card: DoubleMessage): Json {
  const button = buttonsOf(card.versions[0]?.blocks ?? []).find((each) => each['action_id'] === ACTIONS.approve);
  return {
    type: 'block_actions',
    trigger_id: desk.slack.book.newTrigger('U0BOB'),
    channel: { id: card.channel },
    message: { ts: card.ts },
    actions: [button],
  };
}

test('F14 a press that comes late, after the end of what it is about, changes nothing and is answered', async () => {
  for (const state of ['approved', 'rejected', 'expired', 'cancelled', 'superseded']) {
    const { request, card } = await desk.ask();
    await close(request, state);
    expect(await desk.people.bob.press(card, ACTIONS.approve)).toMatchObject({ status: 200, warned: false });
    expect(await desk.votes(request)).toEqual([]);
  }
});

test('F14 a form that comes late says so, and is no vote', async () => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.deny);
  const form = desk.people.bob.form();
  await close(request, 'expired');
  const { body } = await desk.people.bob.submit(form, { reason: 'too late' });
  expect(body + desk.people.bob.told().join()).toMatch(/time to decide is over|expired/i);
  expect(await desk.votes(request)).toEqual([]);
});

test('F14 whatever order an approval and a denial arrive in, and however often, the denial stands', async () => {
  for (const order of [
    ['approve', 'deny', 'approve'],
    ['deny', 'approve', 'deny'],
  ] as const) {
    const { request, card } = await desk.ask({ need: 2 });
    await desk.people.bob.press(card, ACTIONS.deny);
    const form = desk.people.bob.form();
    for (const choice of order) {
      if (choice === 'approve') await desk.people.bob.press(card, ACTIONS.approve);
      else await desk.people.bob.submit(form, { reason: 'no' });
    }
    const choices = (await desk.votes(request)) as { choice: string }[];
    expect(choices.filter(({ choice }) => choice === 'deny')).toHaveLength(1);
    expect(choices.filter(({ choice }) => choice === 'approve').length).toBeLessThanOrEqual(1);
  }
});

test('F14 a form that nobody opened is no vote of whoever it names', async () => {
  const { request, card } = await desk.ask();
  await desk.people.bob.press(card, ACTIONS.deny);
  const form = desk.people.bob.form();
  await desk.people.dan.submit({ ...form, user: 'U0DAN' }, { reason: 'not asked at all' });
  expect(await desk.votes(request)).toEqual([]);
});

/** Every place in a value, and that value with something else there. */
function withOtherAt(value: unknown, index: number, other: unknown): unknown {
  let left = index;
  const walk = (each: unknown): unknown => {
    if (left-- === 0) return other;
    if (Array.isArray(each)) return each.map(walk);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, member]) => [name, walk(member)]));
  };
  return walk(value);
}

test('F14 nonsense in any place of a press or a form breaks nothing, and is nobody else’s vote', async () => {
  const { request, card } = await desk.ask({ need: 2 });
  await desk.people.bob.press(card, ACTIONS.deny);
  const { id, view } = desk.people.bob.form();
  const form = {
    type: 'view_submission',
    view: { id, ...view, state: { values: { reason: { reason: { type: 'plain_text_input', value: null } } } } },
  };
  const people = { team: { id: desk.slack.workspace.team }, user: { id: 'U0BOB', team_id: desk.slack.workspace.team } };
  const nonsense = fc.oneof(
    fc.constantFrom<unknown>(null, true, 0, -1, '', 'x', '__proto__', 'U0CLEO\0', [], {}, [null], [[]]),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const sent = desk.log.length;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('press', 'form'), fc.nat(60), nonsense, async (which, index, other) => {
      const honest = { ...people, ...(which === 'press' ? pressOf(card) : form) };
      const body = new URLSearchParams({ payload: JSON.stringify(withOtherAt(honest, index, other)) }).toString();
      const { status } = await desk.people.bob.send(body);
      expect([200, 400]).toContain(status);
    }),
    { numRuns: 200 },
  );
  for (const raw of ['payload=', 'payload=null', 'payload=5', 'payload=[]', 'payload="x"', 'payload={', '', '{}'])
    expect([200, 400]).toContain((await desk.people.bob.send(raw)).status);
  expect(desk.log.slice(sent).filter((line) => line.includes('a request failed'))).toEqual([]);
  for (const vote of await desk.votes(request)) expect(vote).toMatchObject({ person: 'bob', channel: 'slack' });
});
