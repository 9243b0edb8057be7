import { buildLetter } from '../../../channels/email/build-letter';
import { htmlOf, subjectOf, textOf } from '../../../channels/email/letter';
import { aClosedNotice, aNotice, AT } from '../../helpers/notice';

const URL = 'https://countersign.example.org/approvals/x';
const asked = { kind: 'asked' } as const;

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

  it('lets nothing that an agent writes become a header, a line of ours or markup', () => {
    const evil = 'x\r\nBcc: all@example.org\r\n\r\n<img src="https://evil.example/a.png">\u202e';
    const notice = aNotice({ because: evil, card: { headline: evil, fields: [{ label: evil, value: evil }] } });
    const letter = buildLetter(notice, asked, URL);
    expect(letter.subject).not.toMatch(/[\r\n\u202e]/);
    expect(textOf(letter)).not.toMatch(/^Bcc:/m);
    expect(htmlOf(letter)).not.toContain('\u202e');
    const tags = htmlOf(letter).match(/<[^/][^>]*>/g) ?? [];
    expect([...new Set(tags)].sort()).toEqual(
      ['<!doctype html>', '<html lang="en">', '<body>', '<h3>', '<p>', `<a href="${URL}">`].sort(),
    );
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
