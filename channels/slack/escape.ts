import { visibleText } from '../../domain/visible-text';

/** As Slack asks for in every text object: without these three there is no link, no mention and no date. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Room that is kept for the words which say how much was cut. */
const NOTE_SIZE = 40;

/**
 * Words of strangers, harmless wherever Slack takes no markup: what is invisible is written out, the three control characters are entities.
 * Larger than `max` after that, it is cut and says so; an entity is never cut in two.
 */
export function inert(text: string, max: number): string {
  const pieces = Array.from(text, inertCharacter);
  if (fitting(pieces, max) === pieces.length) return pieces.join('');
  const kept = fitting(pieces, max - NOTE_SIZE);
  return `${pieces.slice(0, kept).join('')}… (${String(pieces.length - kept)} more characters)`;
}

/** The same between code fences, where a backtick is the one character that would end them. */
export function inertCode(text: string): string[] {
  return Array.from(text, (character) => (character === '`' ? '\\u{60}' : inertCharacter(character)));
}

/** How many of these pieces have a size of at most `max` together, from the first on. */
export function fitting(pieces: readonly string[], max: number): number {
  let size = 0;
  const over = pieces.findIndex((piece) => (size += sizeOf(piece)) > max);
  return over === -1 ? pieces.length : over;
}

/**
 * Bytes of a text as JSON. Slack does not say what it counts (characters, bytes, with or without what JSON escapes); this is never less than any of them,
 * so that whatever keeps to it keeps to all.
 */
export function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) - (typeof value === 'string' ? 2 : 0);
}

function inertCharacter(character: string): string {
  return ENTITIES[character] ?? visibleText(character);
}
