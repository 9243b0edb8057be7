/**
 * Patterns are written by policy authors and run, with backtracking, on strings that agents send. So only patterns are allowed whose work
 * has a bound: the product of what each variable quantifier may choose from, no quantifier around another, none around an alternative.
 */

/** As many choices take JavaScript's engine some 50 ms at worst. */
const MAX_CHOICES = 10_000_000;

export interface PatternFacts {
  /** Matches the whole string, and no string longer than this. Absent: the pattern does not bound the length. */
  readonly maxLength?: number;
  /** Why the pattern is refused. */
  readonly refusal?: string;
}

interface Group {
  alternatives: boolean;
  variable: boolean;
}

/**
 * @param maxLength the bound that the schema gives to the string, if any: what an unbounded quantifier may choose from.
 */
export function checkPattern(pattern: string, maxLength: number | undefined): PatternFacts {
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    return { refusal: `is not a regular expression: ${error instanceof Error ? error.message : String(error)}` };
  }
  const tokens =
    pattern.match(
      /\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\.|\[(?:\\.|[^\]\\])*\]|\{[0-9,]+\}\??|[*+?]\??|\(\?[:=!<][=!]?|[\s\S]/gu,
    ) ?? [];
  const groups: Group[] = [{ alternatives: false, variable: false }];
  let choices = 1;
  let length = 0;
  let grouped = false;
  let closed: Group | undefined;
  for (const token of tokens) {
    const quantifier = readQuantifier(token);
    const group = groups.at(-1) ?? { alternatives: false, variable: false };
    if (/^\(\?[=!<]/.test(token) || /^\\([1-9]|k)/.test(token)) return { refusal: 'looks around or back' };
    if (quantifier !== undefined) {
      const [least, most] = quantifier;
      if (closed !== undefined && most > 1 && (closed.variable || closed.alternatives))
        return { refusal: 'repeats a group that itself repeats or has alternatives' };
      if (least !== most) {
        group.variable = true;
        choices *= Math.min(most, maxLength ?? Infinity) - least + 1;
      }
      length += most - 1;
      if (closed !== undefined) grouped = true;
      closed = undefined;
      continue;
    }
    closed = undefined;
    if (token.startsWith('(')) groups.push({ alternatives: false, variable: false });
    else if (token === ')') {
      closed = groups.pop();
      const outer = groups.at(-1);
      if (closed?.variable === true && outer !== undefined) outer.variable = true;
    } else if (token === '|') group.alternatives = true;
    else if (token !== '^' && token !== '$') length += 1;
  }
  const anchored =
    pattern.startsWith('^') && pattern.endsWith('$') && !pattern.endsWith('\\$') && groups[0]?.alternatives === false;
  // Lengths of repeated groups would have to be multiplied: rather ask for maxLength.
  const bound = anchored && !grouped && Number.isFinite(length) ? { maxLength: length } : {};
  // Without any bound on the length there is another problem first: the caller asks for maxLength.
  return Number.isFinite(choices) && choices > MAX_CHOICES
    ? { ...bound, refusal: 'can be made to try more than ten million ways to match' }
    : bound;
}

function readQuantifier(token: string): readonly [least: number, most: number] | undefined {
  if (/^\*/.test(token)) return [0, Infinity];
  if (/^\+/.test(token)) return [1, Infinity];
  if (/^\?/.test(token)) return [0, 1];
  const [, least, comma, most] = /^\{([0-9]+)(,?)([0-9]*)\}/.exec(token) ?? [];
  if (least === undefined) return undefined;
  return [Number(least), comma === '' ? Number(least) : most === '' ? Infinity : Number(most)];
}
