import { type Approval, showApproval } from '../../cli/show-approval';
import { DECEIVING_WORDS, INVISIBLE } from '../helpers/deceiving-words';
import { digest } from '../helpers/seed';

/** With these words wherever strangers can put some. */
const approval = (words: string): Approval => ({
  ...{
    id: 'apr-0-1',
    action: 'act-0',
    state: 'open',
    digest: digest('a'),
    type: 'floor.move',
    risk: 'high',
    agent: 'mover',
  },
  card: {
    headline: words,
    fields: [
      { label: 'vendor', value: words, before: words },
      { label: 'amount', value: '5.00 EUR' },
    ],
  },
  params: { [words]: words, amountMinor: 500 },
  document: null,
  claimed: { because: words, onBehalfOf: words },
  asked: [{ code: words, message: words, chain: 'one' }],
  deadline: '2026-03-03T09:00:00.000Z',
  silence: words,
  stages: [
    {
      need: 1,
      from: [words],
      eligible: ['bob', words],
      votes: [{ person: words, choice: 'approve', castAt: '2026-03-02T09:00:00.000Z', counts: false }],
    },
  ],
});

/** The colours that are ours. */
const COLOURS = ['1', '22', '31', '32', '33', '39'].map((code) => `\u001b[${code}m`);

const linesOf = (words: string): string[] => {
  const shown = showApproval(approval(words), Date.parse('2026-03-02T09:00:00.000Z'));
  return COLOURS.reduce((text, colour) => text.replaceAll(colour, ''), shown).split('\n');
};

/** Lone surrogates have no canonical text, so no parameter has one. */
const WORDS = DECEIVING_WORDS.filter((words) => words.isWellFormed());

it.each(WORDS)('X22 a terminal shows %j as it is, on the line that it belongs on', (words) => {
  const [lines, plain] = [linesOf(words), linesOf('plain')];
  for (const line of lines) expect(line).not.toMatch(INVISIBLE);
  expect(lines).toHaveLength(plain.length);
  const at = (line: string): number => plain.indexOf(line);
  for (const ours of ['  amount: 5.00 EUR', '  amountMinor = 500', `Digest ${digest('a')}`, 'The complete parameters:'])
    expect([ours, lines.indexOf(ours), lines.lastIndexOf(ours)]).toEqual([ours, at(ours), at(ours)]);
});
