import { type KnownBlock } from '@slack/types';
import { type Notice, type NoticeEvent } from '../../domain/notice';
import { type Recipient } from '../channel';
import { markup, plain, section } from './block-texts';
import { mentions, voteLine } from './card-people';
import { unmarked } from './fallback';
import { type Message } from './message';
import { tellEnd, tellState } from './tell-state';

/** A reason is a paragraph; what is longer stands in the ledger. */
const MAX_WORDS = 1_500;
const MAX_MENTIONS = 30;

/** What the thread below the card hears of one event; nothing of a reminder that nobody needs any more. */
export function buildEvent(notice: Notice, event: NoticeEvent, recipients: readonly Recipient[]): Message | undefined {
  switch (event.kind) {
    case 'voted':
      return said(voteLine(event));
    case 'closed':
      return said(tellState(notice));
    case 'ended':
      // The action of a request that was put aside ends elsewhere, after it was asked anew.
      return notice.state === 'superseded' ? undefined : said(tellEnd(notice));
    case 'reminded': {
      const waiting = notice.stages.flatMap(({ waitingFor }) => waitingFor);
      if (waiting.length === 0) return undefined;
      const blocks = [section(markup(`Still waits for ${mentions(waiting, recipients, MAX_MENTIONS)}.`))];
      return { text: unmarked(`Still waits: ${notice.card.headline}`), blocks };
    }
  }
}

function said(words: string): Message {
  const blocks: KnownBlock[] = [section(plain(words, MAX_WORDS))];
  return { text: unmarked(words), blocks };
}
