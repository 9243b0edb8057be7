import { type Notice } from '../../domain/notice';
import { visibleText } from '../../domain/visible-text';

/** A heading with lines under it. Everything in it is visible text on one line each, and nothing is markup yet. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Everything that somebody agrees to by approving, in the order in which it matters. A mail and the page that it leads to say the same. */
export function requestSections(notice: Notice, maxParams: number): readonly Section[] {
  const { card, risk, effect, lane, type, agent, team, owner, onBehalfOf, environment, asked, because } = notice;
  const sections: Section[] = [
    { title: 'What', lines: [card.headline, ...card.fields.map(fieldLine)] },
    { title: 'Risk', lines: [`${risk} risk, ${effect}, ${lane} lane`] },
    {
      title: 'Who asks',
      lines: [
        `agent ${agent} of team ${team} in ${environment}, for which ${owner} answers`,
        ...(onBehalfOf === null ? [] : [`on behalf of ${onBehalfOf}, as the agent says`]),
      ],
    },
    {
      title: 'Why you are asked',
      lines: asked.map(({ code, message }) => (message === '' ? code : `${message} (${code})`)),
    },
    { title: 'What the agent says (nobody checked this)', lines: because === null ? [] : [because] },
    { title: `The complete parameters of ${type}`, lines: paramsLines(notice.paramsText, maxParams) },
    { title: 'Digest of everything you would agree to', lines: [notice.digest] },
    { title: 'Time', lines: [`Decide by ${notice.deadline}.`, notice.silence] },
  ];
  return sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => ({ title: visibleText(title), lines: lines.map(visibleText) }));
}

function fieldLine({ label, value, before }: Notice['card']['fields'][number]): string {
  return before === undefined ? `${label}: ${value}` : `${label}: ${value} (CHANGED; it was ${before})`;
}

function paramsLines(text: string, most: number): string[] {
  if (text.length <= most) return [text];
  const left = String(text.length - most);
  return [
    text.slice(0, most),
    `CUT HERE: ${left} more characters. The page shows all of them; read them before you decide.`,
  ];
}
