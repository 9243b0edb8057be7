import { type KnownBlock } from '@slack/types';
import { type Notice } from '../../domain/notice';
import { markup, section } from './block-texts';
import { fitting, inertCode, sizeOf } from './escape';

/** Slack's own, for the text of a section. */
const MAX_SECTION = 3_000;
const FENCE = '```';
/** Room for the sentence that says how much is missing. */
const NOTE_SIZE = 300;

interface Room {
  /** Characters of all blocks together. */
  readonly size: number;
  /** How many blocks; at least three. */
  readonly blocks: number;
  /** How to see what does not fit, as an instruction in markup. */
  readonly elsewhere: string;
}

/** The complete parameters as they are hashed, in as many sections as they take. What does not fit is counted, never just missing. */
export function paramsBlocks(
  { paramsText, digest }: Pick<Notice, 'paramsText' | 'digest'>,
  { size, blocks: most, elsewhere }: Room,
): KnownBlock[] {
  const pieces = inertCode(paramsText);
  const title = section(markup('*Parameters*, complete, as they will run:'));
  const blocks: KnownBlock[] = [title];
  let left = size - sizeOf(title) - NOTE_SIZE;
  let done = 0;
  // The last block is kept for the sentence that says how much is missing.
  while (done < pieces.length && blocks.length < most - 1) {
    const room = Math.min(MAX_SECTION - 2 * FENCE.length, left - sizeOf(code('')) - 1);
    // No piece is shorter than a character, so that these are enough to look at.
    const count = room <= 0 ? 0 : fitting(pieces.slice(done, done + room), room);
    if (count === 0) break;
    const block = code(pieces.slice(done, done + count).join(''));
    blocks.push(block);
    left -= sizeOf(block) + 1;
    done += count;
  }
  if (done === pieces.length) return blocks;
  const missing = `… ${String(pieces.length - done)} more characters: ${elsewhere} to see all of ${digest}.`;
  return [section(markup('*Parameters*, as far as they fit here:')), ...blocks.slice(1), section(markup(missing))];
}

function code(text: string): KnownBlock {
  return section(markup(`${FENCE}${text}${FENCE}`));
}
