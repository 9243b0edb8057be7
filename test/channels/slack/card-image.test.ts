import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawCard } from '../../../scripts/draw-card';

it('the picture of a card shows the blocks that are sent now', () => {
  expect(readFileSync(join(__dirname, '../../../docs/images/slack-card.svg'), 'utf8')).toBe(drawCard());
});
