import fc from 'fast-check';
import { buildCard } from '../../../channels/slack/build-card';
import { type Message } from '../../../channels/slack/message';
import { type Notice, type NoticeVote } from '../../../domain/notice';
import { AT, aClosedNotice, aNotice } from '../../helpers/notice';

const RECIPIENTS = [{ person: 'bob', address: 'U0BOB' }];

/** Every text object of a message, wherever it stands. */
function textsOf(value: unknown): { readonly type: string; readonly text: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(textsOf);
  const { type, text } = value as { type?: unknown; text?: unknown };
  return typeof text === 'string' && typeof type === 'string' ? [{ type, text }, ...inner] : inner;
}

const wordsOf = ({ blocks }: Message): string =>
  textsOf(blocks)
    .map(({ text }) => text)
    .join('\n');
const paramsOf = (message: Message): string =>
  textsOf(message.blocks)
    .flatMap(({ text }) => (text.startsWith('```') ? [text.slice(3, -3)] : []))
    .join('');
const buttonsOf = ({ blocks }: Message): any[] =>
  blocks.flatMap((block: any) => (block.type === 'actions' ? block.elements : []));
const vote = (person: string, more: Partial<NoticeVote> = {}): NoticeVote => ({
  ...{ person, choice: 'approve', channel: 'cli', at: AT, reason: null },
  ...more,
});

it('shows what is asked, why, the complete parameters, the digest, whom it waits for, and what silence does', () => {
  const message = buildCard(aNotice({ onBehalfOf: 'fay' }), RECIPIENTS);
  const words = wordsOf(message);
  for (const said of [
    'Move b-1',
    'shelf: s-2 (changed; it was s-1)',
    'risk: high',
    'effect: compensable',
    'lane: brokered',
    'environment: test',
    'agent: mover',
    'team: floor',
    'owner (never decides): olga',
    'on behalf of (never decides): fay',
    'Asked by floor.heavy (two): It is heavy.',
    "The agent's own words, which nobody checked: It stands in the way.",
    'Stage 1: 0 of 2 from group:keepers',
    'Waits for <@U0BOB>, cleo',
    '<!date^1772528400^{date_short_pretty} {time}|2026-03-03T09:00:00.000Z> (2026-03-03T09:00:00.000Z)',
    'it expires and nothing happens',
    aNotice().digest,
  ])
    expect(words).toContain(said);
  expect(paramsOf(message)).toBe(aNotice().paramsText);
  expect(buttonsOf(message).map(({ text, style, value }) => [text.text, style, value])).toEqual([
    ['Approve', 'primary', 'apr-0-1.aaaaaaaaaaaaaaaa'],
    ['Deny', 'danger', 'apr-0-1.aaaaaaaaaaaaaaaa'],
    ['Show everything', undefined, 'apr-0-1.aaaaaaaaaaaaaaaa'],
  ]);
});

it.each([
  ['approved', 'executed', [vote('bob'), vote('carol')], 'Approved by bob and carol.', 'The action ended: executed.'],
  [
    'rejected',
    'rejected',
    [vote('bob', { choice: 'deny', reason: 'too heavy' })],
    'Denied by bob: too heavy',
    'The action ended: rejected.',
  ],
  [
    ...(['approved', 'undone', [vote('bob')], 'Approved by bob.'] as const),
    'The action ended: undone. Everything in this scope was stopped.',
  ],
  ['expired', 'expired', [], 'Expired: nobody decided.', 'The action ended: expired.'],
  ['cancelled', 'cancelled', [], 'Cancelled: there is nothing left to decide.', 'The action ended: cancelled.'],
  ['superseded', 'waiting', [], 'Superseded: what would run has changed, and is asked anew.', ''],
] as const)('has no buttons once it is %s, and says how it ended', (state, actionState, votes, said, end) => {
  const [stage] = aClosedNotice(state, actionState).stages;
  const stages = stage === undefined ? [] : [{ ...stage, votes }];
  // What the votes explain is not explained again.
  const why = ['Everything in this scope was stopped.'];
  const message = buildCard(aClosedNotice(state, actionState, { stages, why }), RECIPIENTS);
  expect(buttonsOf(message)).toEqual([]);
  expect(wordsOf(message)).toContain(said);
  expect(wordsOf(message).split('\n')).toEqual(end === '' ? expect.anything() : expect.arrayContaining([end]));
  expect(wordsOf(message)).not.toMatch(/Decide before|Waits/);
});

it('counts what does not fit and says where it is, instead of cutting it', () => {
  const paramsText = JSON.stringify({ note: 'x'.repeat(50_000) });
  const message = buildCard(aNotice({ paramsText }), RECIPIENTS);
  const shown = paramsOf(message);
  expect(paramsText.startsWith(shown)).toBe(true);
  expect(shown.length).toBeGreaterThan(4_000);
  expect(wordsOf(message)).toContain(
    `… ${String(paramsText.length - shown.length)} more characters: press *Show everything* to see all of ${aNotice().digest}.`,
  );
  expect(wordsOf(message)).not.toContain('complete, as they will run');
});

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4_000 }),
  fc.string({ unit: fc.constantFrom('&', '<', '語', '"', '\u200b', '`', '\\'), maxLength: 4_000 }),
);
const id = fc.stringMatching(/^[a-z0-9-]{1,63}$/);
const votes = fc.array(
  fc.record({
    person: id,
    choice: fc.constantFrom('approve' as const, 'deny' as const),
    channel: fc.constantFrom('cli', 'slack'),
    at: fc.constant(AT),
    reason: fc.option(words),
  }),
  { maxLength: 12 },
);
const notices: fc.Arbitrary<Notice> = fc
  .record({
    card: fc.record({
      headline: words,
      fields: fc.array(fc.record({ label: words, value: words, before: words }), { maxLength: 25 }),
    }),
    paramsText: fc.oneof(words, fc.string({ unit: 'binary', minLength: 3_000, maxLength: 12_000 })),
    type: words,
    agent: id,
    team: id,
    owner: id,
    asked: fc.array(fc.record({ code: words, message: words, chain: words }), { maxLength: 12 }),
    because: fc.option(words),
    state: fc.constantFrom('open' as const, 'approved' as const, 'rejected' as const, 'expired' as const),
    stages: fc.array(
      fc.record({
        need: fc.nat(),
        from: fc.array(id, { maxLength: 10 }),
        reason: fc.constantFrom('optional' as const, 'required' as const),
        waitingFor: fc.array(id, { maxLength: 40 }),
        votes,
      }),
      { maxLength: 8 },
    ),
  })
  .map((more) => aNotice(more));

it('is a message that Slack takes, whatever the notice', () => {
  fc.assert(
    fc.property(notices, (notice) => {
      const { blocks, text } = buildCard(notice, RECIPIENTS);
      expect(blocks.length).toBeLessThanOrEqual(50);
      expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThanOrEqual(10_000);
      expect(text.length).toBeGreaterThan(0);
      for (const block of blocks as any[]) {
        if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
        expect(block.fields?.length ?? 1).toBeLessThanOrEqual(10);
        for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
      }
      for (const each of textsOf(blocks)) {
        expect(each.text.length).toBeGreaterThan(0);
        expect(each.text.length).toBeLessThanOrEqual(3_000);
      }
    }),
    { numRuns: 300 },
  );
});

it('never leaves parameters out without a word, and always has its buttons, whatever the notice', () => {
  fc.assert(
    fc.property(notices, (notice) => {
      const message = buildCard(notice, RECIPIENTS);
      expect(buttonsOf(message)).toHaveLength(notice.state === 'open' ? 3 : 0);
      expect(wordsOf(message)).toMatch(/complete, as they will run|\d+ more characters: press \*Show everything\*/);
      expect(wordsOf(message)).toContain(notice.digest);
    }),
    { numRuns: 100 },
  );
});
