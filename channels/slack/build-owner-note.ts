import { type KnownBlock } from '@slack/types';
import { type Notice } from '../../domain/notice';
import { plain, section } from './block-texts';
import { unmarked } from './fallback';
import { type Message } from './message';
import { tellEnd, tellState } from './tell-state';

const MAX_WORDS = 1_000;

/** What the owner of an agent is told: what it asks, and where that stands. Nothing to press, for owners never decide. */
export function buildOwnerNote(notice: Notice): Message {
  const { agent, card, request, digest } = notice;
  const asks = `Your agent ${agent} asks: ${card.headline}`;
  const lines = [asks, tellState(notice), tellEnd(notice), `Request ${request}, ${digest}`];
  const blocks: KnownBlock[] = lines.filter((line) => line !== '').map((line) => section(plain(line, MAX_WORDS)));
  return { text: unmarked(asks), blocks };
}

/** A message of its own, for an update of the first one makes no sound. */
export function buildOwnerEnd(notice: Notice): Message {
  const words = `${notice.card.headline}: ${tellState(notice)} ${tellEnd(notice)}`;
  return { text: unmarked(words), blocks: [section(plain(words, MAX_WORDS))] };
}
