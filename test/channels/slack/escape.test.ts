import { buildCard } from '../../../channels/slack/build-card';
import { inert } from '../../../channels/slack/escape';
import { DECEIVING_WORDS } from '../../helpers/deceiving-words';
import { aClosedNotice, aNotice, AT } from '../../helpers/notice';

/** Every text object, as [type, text, emoji]. */
function objectsOf(value: any): any[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsOf);
  return typeof value.text === 'string' ? [value, ...inner] : inner;
}

it.each(DECEIVING_WORDS)('X22 a card shows %j to everybody as it is, and makes nothing of it', (naughty) => {
  const open = aNotice({
    card: {
      headline: naughty,
      fields: [
        { label: naughty, value: naughty, before: naughty },
        { label: 'amount', value: '5.00 EUR' },
      ],
    },
    because: naughty,
    asked: [{ code: naughty, message: naughty, chain: naughty }],
    paramsText: JSON.stringify({ note: naughty }),
    type: naughty,
  });
  const vote = { person: 'bob', choice: 'deny', channel: 'cli', at: AT, reason: naughty } as const;
  const [stage] = aNotice().stages;
  const closed = aClosedNotice('rejected', 'rejected', {
    card: open.card,
    stages: stage === undefined ? [] : [{ ...stage, waitingFor: [], votes: [vote] }],
  });
  for (const notice of [open, closed]) {
    const { text, blocks } = buildCard(notice, [{ person: 'bob', address: 'U0BOB' }]);
    const sent = JSON.stringify(blocks);
    // Nothing is pushed off the card.
    for (const said of ['"amount: 5.00 EUR"', notice.digest]) expect(sent).toContain(said);
    const angles = sent.match(/<[^>]*>/g) ?? [];
    // Of mentions and dates there are our own alone.
    for (const angle of angles) expect(angle).toMatch(/^<@U0BOB>$|^<!date\^1772528400\^/);
    expect(text).not.toMatch(/[<>*_~`]/);
    for (const { type, text: words, emoji, verbatim } of objectsOf(blocks)) {
      if (type === 'plain_text') expect(emoji).toBe(false);
      else if (type === 'mrkdwn') {
        expect(verbatim).toBe(true);
        const code = words.startsWith('```')
          ? words.slice(3, -3)
          : words.replaceAll('`sha256:', '').replaceAll('`', '');
        expect(code).not.toContain('`');
        // Words of strangers are in no markup but between fences.
        if (!words.startsWith('```')) expect(words).not.toContain(inert(naughty, 1_000));
      }
      expect(words.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    }
  }
});

it('cuts at a whole character, says how many are missing, and keeps within its bound', () => {
  const cut = inert('&'.repeat(100), 100);
  expect(cut).toMatch(/^(&amp;)+… \(\d+ more characters\)$/);
  const [kept, missing] = [cut.split('&amp;').length - 1, Number(/\d+/.exec(cut.replaceAll('&amp;', ''))?.[0])];
  expect(kept + missing).toBe(100);
  expect(cut.length).toBeLessThanOrEqual(100);
});
