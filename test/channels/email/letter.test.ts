import { buildLetter } from '../../../channels/email/build-letter';
import { type Notice } from '../../../domain/notice';
import { htmlOf, subjectOf, textOf } from '../../../channels/email/letter';
import { DECEIVING_WORDS, INVISIBLE } from '../../helpers/deceiving-words';
import { aClosedNotice, aNotice, AT } from '../../helpers/notice';

const URL = 'https://countersign.example.org/approvals/x';
const asked = { kind: 'asked' } as const;

/** With these words wherever strangers can put some. */
const full = (words: string): Notice =>
  aNotice({
    card: {
      headline: words,
      fields: [
        { label: 'vendor', value: words, before: words },
        { label: 'amount', value: '5.00 EUR' },
      ],
    },
    because: words,
    asked: [{ code: 'floor.heavy', message: words, chain: 'two' }],
    paramsText: JSON.stringify({ note: words }),
  });

describe('a mail', () => {
  it('says everything that would be agreed to, and calls the words of the agent unchecked', () => {
    const text = textOf(buildLetter(aNotice(), asked, URL));
    const { digest, deadline, silence, paramsText } = aNotice();
    for (const words of [
      'Move b-1',
      'shelf: s-2 (CHANGED; it was s-1)',
      'high risk',
      'It is heavy. (floor.heavy)',
      digest,
    ])
      expect(text).toContain(words);
    for (const words of [deadline, silence, paramsText, URL]) expect(text).toContain(words);
    expect(text).toMatch(/nobody checked this\)\n {2}It stands in the way\./);
  });

  it('cuts long parameters where everybody can see it', () => {
    const paramsText = `"${'x'.repeat(20_000)}"`;
    const text = textOf(buildLetter(aNotice({ paramsText }), asked, URL));
    expect(text).toContain('CUT HERE: 3618 more characters. The page shows all of them');
    expect(text.length).toBeLessThan(20_000);
  });

  it.each(DECEIVING_WORDS)('X22 shows %j as it is: no header, no line of ours, no markup', (words) => {
    const said = (word: string): ReturnType<typeof buildLetter> => buildLetter(full(word), asked, URL);
    const [letter, plain] = [said(words), said('plain')];
    expect(letter.subject).not.toMatch(INVISIBLE);
    expect(Array.from(letter.subject).length).toBeLessThanOrEqual(120);
    const lines = textOf(letter).split('\n');
    for (const line of lines) expect(line).not.toMatch(INVISIBLE);
    // As many lines as with any other words, and ours where they always are: nothing is pushed away, nothing is put in.
    const ours = (all: readonly string[]): readonly (readonly [number, string])[] =>
      all.map((line, i) => [i, line] as const).filter(([, line]) => !line.startsWith('  '));
    expect(ours(lines)).toEqual(ours(textOf(plain).split('\n')));
    expect(lines).toContain(`  ${full(words).digest}`);
    expect(lines).toContain('  amount: 5.00 EUR');
    const tags = (letter: string): string[] => letter.match(/<[^>]*>/g) ?? [];
    expect(tags(htmlOf(letter))).toEqual(tags(htmlOf(plain)));
    expect(htmlOf(letter).replaceAll('\n', '')).not.toMatch(INVISIBLE);
  });

  it('keeps a subject short', () => {
    expect(Array.from(subjectOf('é'.repeat(500)))).toHaveLength(120);
  });

  it.each([
    ['approved', 'executed', 'Decided: approved by cleo. Nothing to do.'],
    ['rejected', 'rejected', 'Decided: denied by cleo. Nothing to do.'],
    ['expired', 'expired', 'Nobody decided in time, so nothing happened. Nothing to do.'],
  ] as const)('says that nothing is left to do once it is %s', (state, actionState, words) => {
    const choice = state === 'rejected' ? 'deny' : 'approve';
    const vote = { person: 'cleo', choice, channel: 'api', at: AT, reason: null } as const;
    const stages = aClosedNotice(state, actionState).stages.map((stage) => ({ ...stage, votes: [vote] }));
    const text = textOf(buildLetter(aClosedNotice(state, actionState, { stages }), { kind: 'closed', state }));
    expect(text).toContain(words);
  });
});
