import { escapeHtml } from '../../domain/escape-html';
import { visibleText } from '../../domain/visible-text';
import { type Section } from './request-sections';

/** What a mail says, before it is text and HTML. */
export interface Letter {
  readonly subject: string;
  readonly sections: readonly Section[];
  /** Where it leads, with what happens there. */
  readonly link?: { readonly words: string; readonly url: string };
}

/** Longer subjects are cut by every mail program, and not where we would. */
const MAX_SUBJECT = 120;

/** One line of visible text, so that nothing that an agent writes begins another header. */
export function subjectOf(words: string): string {
  const characters = Array.from(visibleText(words));
  return characters.length <= MAX_SUBJECT ? characters.join('') : `${characters.slice(0, MAX_SUBJECT - 1).join('')}…`;
}

export function textOf({ sections, link }: Letter): string {
  const parts = sections.map(({ title, lines }) => [title, ...lines.map((line) => `  ${line}`)].join('\n'));
  return [...parts, ...(link === undefined ? [] : [`${link.words}\n${link.url}`]), ''].join('\n\n');
}

/** Headings, paragraphs and one link: no image, no style and nothing that is fetched. */
export function htmlOf({ sections, link }: Letter): string {
  const parts = sections.map(
    ({ title, lines }) =>
      `<h3>${escapeHtml(title)}</h3>\n${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}`,
  );
  const last = link === undefined ? '' : `<p><a href="${escapeHtml(link.url)}">${escapeHtml(link.words)}</a></p>`;
  return `<!doctype html>\n<html lang="en"><body>\n${[...parts, last].join('\n')}\n</body></html>\n`;
}
