import { type KnownBlock } from '@slack/types';
import { type Notice, type NoticeStage, type NoticeVote } from '../../domain/notice';
import { type Recipient } from '../channel';
import { markup, plain, section } from './block-texts';
import { type CardSizes } from './card-sizes';
import { inert } from './escape';

/** An id has at most 63 characters, a group its prefix besides. */
const MAX_ID = 80;

/** Who is to decide, stage by stage, on whom it waits, and who has said what. */
export function stageBlocks(
  { stages, state }: Notice,
  recipients: readonly Recipient[],
  sizes: CardSizes,
): KnownBlock[] {
  const lines = stages.slice(0, sizes.stages).map((stage, index) => stageLine(stage, index, sizes));
  if (stages.length > sizes.stages) lines.push(`… and ${String(stages.length - sizes.stages)} more stages`);
  const waiting = stages.flatMap(({ waitingFor }) => waitingFor);
  if (waiting.length > 0) lines.push(`Waits for ${mentions(waiting, recipients, sizes.mentions)}`);
  const votes = stages.flatMap((stage) => stage.votes);
  const said = votes.slice(-sizes.votes).map((vote) => section(plain(voteLine(vote), sizes.vote)));
  const before = votes.length - said.length;
  return [
    ...(state === 'open' && lines.length > 0 ? [section(markup(lines.join('\n')))] : []),
    ...(before > 0 ? [section(markup(`… ${String(before)} votes before these`))] : []),
    ...said,
  ];
}

export function voteLine({ person, choice, channel, at, reason }: NoticeVote): string {
  const did = choice === 'approve' ? 'approved' : 'denied';
  return `${person} ${did} (${channel}, ${at})${reason === null ? '' : `: ${reason}`}`;
}

/** People by name where Slack knows them, so that they hear of it; else by their id. */
export function mentions(people: readonly string[], recipients: readonly Recipient[], most: number): string {
  const addresses = new Map(recipients.map(({ person, address }) => [person, address]));
  const named = people.slice(0, most).map((person) => {
    const address = addresses.get(person);
    return address === undefined ? inert(person, MAX_ID) : `<@${address}>`;
  });
  const more = people.length - named.length;
  return [...named, ...(more > 0 ? [`${String(more)} more`] : [])].join(', ');
}

/** The reader's own time, the moment in UTC beside it, and what silence does. */
export function deadlineBlock({ deadline, silence }: Pick<Notice, 'deadline' | 'silence'>): KnownBlock {
  const seconds = String(Math.floor(Date.parse(deadline) / 1000));
  const local = `<!date^${seconds}^{date_short_pretty} {time}|${deadline}>`;
  return section(markup(`Decide before ${local} (${deadline}). ${silence}`));
}

function stageLine({ need, from, reason, votes }: NoticeStage, index: number, sizes: CardSizes): string {
  const groups = from.slice(0, sizes.groups).map((group) => inert(group, MAX_ID));
  const more = from.length > groups.length ? ` and ${String(from.length - groups.length)} more` : '';
  const yes = votes.filter(({ choice }) => choice === 'approve').length;
  const asks = reason === 'required' ? ', with a reason' : '';
  return `Stage ${String(index + 1)}: ${String(yes)} of ${String(need)} from ${groups.join(', ')}${more}${asks}`;
}
