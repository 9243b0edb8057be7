import { type ModalView, type SectionBlock } from '@slack/types';
import { type Notice } from '../../domain/notice';
import { markup, plain, section } from './block-texts';
import { fitting, inert } from './escape';
import { buttonValue, readButtonValue, type ButtonSubject, VIEWS } from './ids';
import { paramsBlocks } from './params-blocks';

/** Of a reason; what the votes' table takes. */
const MAX_REASON = 1_000;
/** Slack's own, for a line of a form and for its title. */
const MAX_LINE = 2_900;
/** Slack's own, for a form; an agent that pads its parameters with what Slack spells longer needs more. */
const MAX_BLOCKS = 100;
/** Nobody has seen Slack count the characters of a form; so much of them fit into its blocks. */
const MAX_SIZE = 280_000;
/** Of the blocks, for all but the parameters: what runs is shown before the last of two hundred rules. */
const MAX_LINES = 40;

const INPUT = { block: 'reason', action: 'reason' } as const;

/** Asks why, before a vote. What it is about stands in it, and is bound to it: a form decides on nothing else. */
export function reasonForm(notice: Notice, choice: 'approve' | 'deny', channel: string): ModalView {
  const [title, submit] = choice === 'approve' ? ['Approve', 'Approve'] : ['Deny', 'Deny'];
  return {
    type: 'modal',
    callback_id: VIEWS[choice],
    private_metadata: JSON.stringify({ subject: buttonValue(notice.request, notice.digest), channel }),
    title: plain(title, 24),
    submit: plain(submit, 24),
    close: plain('Back', 24),
    blocks: [
      section(plain(notice.card.headline, MAX_LINE)),
      section(plain(`Digest ${notice.digest}`, MAX_LINE)),
      {
        type: 'input',
        block_id: INPUT.block,
        label: plain('Why? Kept as evidence; the agent is not told who said it.', 150),
        element: {
          type: 'plain_text_input',
          action_id: INPUT.action,
          multiline: true,
          min_length: 1,
          max_length: MAX_REASON,
        },
      },
    ],
  };
}

/** Everything that a card may have had to cut: facts, rules, words, and what would run. What is too long for a form, too, is counted. */
export function fullView(notice: Notice): ModalView {
  const elsewhere = `run \`countersign approvals show ${notice.request}\``;
  const lines = linesOf(notice).flatMap(whole);
  const missing = `… and ${String(lines.length - MAX_LINES + 1)} more parts: ${elsewhere} to see them.`;
  const shown = lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES - 1), section(markup(missing))];
  const room = { size: MAX_SIZE, blocks: MAX_BLOCKS - shown.length, elsewhere };
  return {
    type: 'modal',
    title: plain('Everything', 24),
    close: plain('Back', 24),
    blocks: [...shown, ...paramsBlocks(notice, room)],
  };
}

function linesOf({ card, digest, asked, because, agent, team, owner, onBehalfOf }: Notice): string[] {
  return [
    card.headline,
    `Digest ${digest}`,
    ...card.fields.map(({ label, value, before }) =>
      before === undefined ? `${label}: ${value}` : `${label}: ${value} (changed; it was ${before})`,
    ),
    `Asked by agent ${agent} of team ${team}, for which ${owner} answers`,
    ...(onBehalfOf === null ? [] : [`On behalf of ${onBehalfOf}, as the agent says`]),
    ...asked.map(({ code, message, chain }) => `Rule ${code} (${chain}): ${message}`),
    ...(because === null ? [] : [`The agent's own words, which nobody checked: ${because}`]),
  ];
}

/** A text in as many sections as it takes; nothing of it is left out. */
function whole(text: string): SectionBlock[] {
  const pieces = Array.from(text, (character) => inert(character, MAX_LINE));
  const blocks: SectionBlock[] = [];
  for (let done = 0; done < pieces.length;) {
    const count = fitting(pieces.slice(done), MAX_LINE);
    blocks.push(section({ type: 'plain_text', text: pieces.slice(done, done + count).join(''), emoji: false }));
    done += count;
  }
  return blocks;
}

/** What a submitted form says. */
export interface FilledForm extends ButtonSubject {
  readonly choice: 'approve' | 'deny';
  readonly reason: string;
  readonly channel: string;
}

/** `undefined`: no form of ours. */
export function readForm(view: {
  readonly callback_id?: unknown;
  readonly private_metadata?: unknown;
  readonly state?: unknown;
}): FilledForm | undefined {
  const choice = (['approve', 'deny'] as const).find((each) => VIEWS[each] === view.callback_id);
  if (choice === undefined || typeof view.private_metadata !== 'string') return undefined;
  const { subject, channel } = ownWords(view.private_metadata);
  const about = readButtonValue(subject);
  const values = (
    view.state as { values?: Record<string, Record<string, { value?: unknown } | null>> } | null | undefined
  )?.values;
  const reason = values?.[INPUT.block]?.[INPUT.action]?.value;
  if (about === undefined || typeof channel !== 'string') return undefined;
  // A character that no database takes is no reason either.
  return { ...about, choice, channel, reason: typeof reason === 'string' && !reason.includes('\0') ? reason : '' };
}

/** What we gave Slack to keep with the form, if that is what came back. */
function ownWords(text: string): { readonly subject?: unknown; readonly channel?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { subject?: unknown; channel?: unknown };
  } catch {
    return {};
  }
}

/** The answer to a form that keeps it open and says why. */
export function formRefusal(sentence: string): object {
  return { response_action: 'errors', errors: { [INPUT.block]: sentence } };
}
