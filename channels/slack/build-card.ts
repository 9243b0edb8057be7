import { type KnownBlock } from '@slack/types';
import { type Notice } from '../../domain/notice';
import { type Recipient } from '../channel';
import { markup, plain, section } from './block-texts';
import { deadlineBlock, stageBlocks } from './card-people';
import { type CardSizes, NARROW, WIDE } from './card-sizes';
import { sizeOf } from './escape';
import { fallbackOf } from './fallback';
import { ACTIONS, buttonValue } from './ids';
import { type Message } from './message';
import { paramsBlocks } from './params-blocks';
import { tellEnd, tellState } from './tell-state';

/**
 * All blocks of a message together. Slack documents no bound; it answers `msg_blocks_too_long` from about 12,000 characters of text on, and has been
 * seen to from 11,300.
 */
const MAX_SIZE = 10_000;
/** What parameters may take before other parts are cut for them: two sections full. */
const ROOM_FOR_PARAMS = 4_000;
/** Of the fifty that Slack takes, what other parts leave in any case. */
const MAX_PARAMS_BLOCKS = 10;
/** Slack's own. */
const MAX_HEADER = 150;

/** The card: all that an approver decides on, then the buttons. Pure; whatever the notice, Slack takes it. */
export function buildCard(notice: Notice, recipients: readonly Recipient[]): Message {
  const wide = roomBeside(notice, recipients, WIDE);
  const fits = wide.room >= Math.min(ROOM_FOR_PARAMS, sizeOf(paramsOf(notice, MAX_SIZE)));
  const { above, below, room } = fits ? wide : roomBeside(notice, recipients, NARROW);
  return { text: fallbackOf(notice), blocks: [...above, ...paramsOf(notice, room), ...below] };
}

/** They have far fewer blocks than Slack's fifty before they have too many characters. */
function paramsOf(notice: Notice, size: number): KnownBlock[] {
  return paramsBlocks(notice, { size, blocks: MAX_PARAMS_BLOCKS, elsewhere: 'press *Show everything*' });
}

function roomBeside(notice: Notice, recipients: readonly Recipient[], sizes: CardSizes) {
  const above = [...headBlocks(notice, sizes), traitsBlock(notice, sizes), ...reasonBlocks(notice, sizes)];
  const below = [digestBlock(notice), ...stageBlocks(notice, recipients, sizes), ...endBlocks(notice)];
  return { above, below, room: MAX_SIZE - sizeOf([...above, ...below]) };
}

function headBlocks(notice: Notice, sizes: CardSizes): KnownBlock[] {
  const { card } = notice;
  const header: KnownBlock = { type: 'header', text: plain(card.headline, MAX_HEADER) };
  const whole = plain(card.headline, sizes.headline);
  const standing = [tellState(notice), tellEnd(notice)].filter((said) => said !== '');
  return [
    header,
    // A header that had to be cut is followed by the whole of it.
    ...(whole.text === header.text.text ? [] : [section(whole)]),
    ...standing.map((said) => section(plain(said, sizes.state))),
    ...fieldBlocks(card.fields, sizes),
  ];
}

function fieldBlocks(fields: Notice['card']['fields'], sizes: CardSizes): KnownBlock[] {
  if (fields.length === 0) return [];
  const shown = fields.slice(0, sizes.fields).map(({ label, value, before }) => {
    const changed = before === undefined ? '' : ` (changed; it was ${before})`;
    return plain(`${label}: ${value}${changed}`, sizes.field);
  });
  return [{ type: 'section', fields: shown }, ...unshown(fields.length - shown.length, 'facts')];
}

function traitsBlock(notice: Notice, sizes: CardSizes): KnownBlock {
  const { type, risk, effect, lane, environment, agent, team, owner, onBehalfOf } = notice;
  const behalf = onBehalfOf === null ? {} : { 'on behalf of (never decides)': onBehalfOf };
  const traits = { type, risk, effect, lane, environment, agent, team, 'owner (never decides)': owner, ...behalf };
  const fields = Object.entries(traits).map(([label, value]) => plain(`${label}: ${value}`, sizes.trait));
  return { type: 'section', fields };
}

function reasonBlocks({ asked, because }: Notice, sizes: CardSizes): KnownBlock[] {
  const shown = asked
    .slice(0, sizes.rules)
    .map(({ code, message, chain }) => section(plain(`Asked by ${code} (${chain}): ${message}`, sizes.rule)));
  const said = plain(`The agent's own words, which nobody checked: ${because ?? ''}`, sizes.because);
  return [...shown, ...unshown(asked.length - shown.length, 'rules'), ...(because === null ? [] : [section(said)])];
}

function digestBlock({ digest }: Notice): KnownBlock {
  return section(markup(`Countersigned is exactly this: \`${digest}\``));
}

/** Until when it can be decided, and the buttons; nothing once it is closed. */
function endBlocks(notice: Notice): KnownBlock[] {
  const { request, digest, state } = notice;
  if (state !== 'open') return [];
  const button = (action: string, label: string) =>
    ({
      type: 'button',
      action_id: action,
      text: { type: 'plain_text', text: label, emoji: false },
      value: buttonValue(request, digest),
    }) as const;
  const elements = [
    { ...button(ACTIONS.approve, 'Approve'), style: 'primary' as const },
    { ...button(ACTIONS.deny, 'Deny'), style: 'danger' as const },
    button(ACTIONS.show, 'Show everything'),
  ];
  return [deadlineBlock(notice), { type: 'actions', elements }];
}

function unshown(count: number, what: string): KnownBlock[] {
  return count <= 0 ? [] : [section(markup(`… and ${String(count)} more ${what}: press *Show everything*.`))];
}
