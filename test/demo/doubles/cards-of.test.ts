import { cardsOf } from '../../../demo/doubles/slack/cards-of';
import { type Json, SlackBook } from '../../../demo/doubles/slack/slack-book';

const header = { type: 'header', text: { type: 'plain_text', text: 'Pay 1.00 EUR' } };
const line = { type: 'section', text: { type: 'mrkdwn', text: 'Waits to be countersigned.' } };
const buttons = {
  type: 'actions',
  elements: [{ type: 'button', action_id: 'a.approve', text: { type: 'plain_text', text: 'Approve' } }],
};
const mark = (surface: string): Json => ({
  event_type: 'card',
  event_payload: { request: 'r-1', action: 'act-1', surface },
});

test('a card is what its message shows now; threads and words to single people are none', () => {
  const book = new SlackBook();
  const card = book.post('C1', undefined, { text: '', blocks: [header, line, buttons], metadata: mark('slack/card') });
  book.post('C1', card.ts, { text: 'bob approved', blocks: [], metadata: mark('slack/event/voted') });
  book.post('C1', undefined, { text: 'of somebody else', blocks: [], metadata: undefined });
  expect(cardsOf(book)).toMatchObject([
    {
      message: card,
      request: 'r-1',
      action: 'act-1',
      headline: 'Pay 1.00 EUR',
      buttons: new Map([['Approve', 'a.approve']]),
    },
  ]);
  expect(cardsOf(book)[0]?.text).toContain('Waits to be countersigned.');
  card.versions.push({ text: '', blocks: [header], metadata: mark('slack/card') });
  expect(cardsOf(book)).toMatchObject([{ headline: 'Pay 1.00 EUR', buttons: new Map() }]);
});
