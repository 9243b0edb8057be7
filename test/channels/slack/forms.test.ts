import { fullView } from '../../../channels/slack/forms';
import { problemOfBlocks } from '../../../demo/doubles/slack/block-rules';
import { aNotice } from '../../helpers/notice';

const text = (view: unknown): string => JSON.stringify(view);

test.each([
  ['letters', 'x'],
  ['what ends a code block', '`'],
  ['what Slack spells with five letters', '&'],
  ['what is spelt out because nobody sees it', '\u007f'],
  ['what is wider than it looks', '\u200b'],
])(
  'whatever an agent pads its parameters with, Slack takes the view, and what is missing is told: %s',
  (_, padding) => {
    const fields = Array.from({ length: 10 }, (__, index) => ({ label: `f${String(index)}`, value: 'v'.repeat(200) }));
    const notice = aNotice({
      paramsText: JSON.stringify({ a: padding.repeat(64_000), z: 'the end' }),
      card: { headline: 'Move b-1', fields },
      asked: Array.from({ length: 256 }, (__, index) => ({
        ...{ code: `floor.r${String(index)}`, message: 'm'.repeat(500), chain: 'two' },
      })),
      because: 'w'.repeat(1_000),
    });
    const { blocks } = fullView(notice);
    expect(problemOfBlocks(blocks, 'modal')).toBeUndefined();
    expect(text(blocks)).toMatch(/and \d+ more parts: run `countersign approvals show apr-0-1` to see them/);
    if (text(blocks).includes('the end')) return;
    expect(text(blocks)).toMatch(/\d+ more characters: run `countersign approvals show apr-0-1` to see all of sha256/);
  },
);

test('what fits is whole', () => {
  const { blocks } = fullView(aNotice({ paramsText: JSON.stringify({ a: 'x'.repeat(64_000), z: 'the end' }) }));
  expect(text(blocks)).toContain('the end');
  expect(text(blocks)).not.toContain('more');
});
