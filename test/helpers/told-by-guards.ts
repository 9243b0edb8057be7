/** A function of the database, without its comments and the line that names it. */
export interface Body {
  readonly name: string;
  readonly text: string;
}

/** Examples of what the database's own functions write into the ledger: what is only known when they run is `x`. */
export interface Told {
  readonly keys: readonly string[];
  readonly events: readonly string[];
}

/** Where in a call the key or the event stands. Functions of `HANDED_ON` are read at their callers. */
const KEY_AT: Readonly<Record<string, number>> = { ledger_write: 1, write_or_owe: 1 };
const ENTRY_AT: Readonly<Record<string, number>> = { ledger_write: 2, write_or_owe: 2 };
const EVENT_AT: Readonly<Record<string, number>> = { tell_life: 2, tell_people: 1 };

/** What hands on what it was given: `ledger_append` to processes, `write_owed_entries` what `write_or_owe` put by. */
const HANDED_ON: Readonly<Record<string, readonly string[]>> = {
  write_or_owe: ['p_key', 'p_entry'],
  write_owed_entries: ['o.key', 'o.entry'],
  ledger_append: ['p_keys', 'p_entries'],
  tell_life: ['p_event'],
  tell_people: ['p_event'],
};

/** @throws Error about a call that cannot be read so: whoever writes a new one says what it tells in a way that can be. */
export function toldByGuards(bodies: readonly Body[]): Told {
  const read = (places: Readonly<Record<string, number>>, examples: (words: string, body: Body) => readonly string[]) =>
    bodies.flatMap((body) =>
      Object.entries(places).flatMap(([writer, place]) =>
        argumentsOf(body.text, writer).flatMap((given) => examples(given[place] ?? '', body)),
      ),
    );
  const keys = read(KEY_AT, (words, body) => examplesOf(words, body));
  const events = [...read(ENTRY_AT, eventsIn), ...read(EVENT_AT, (words, body) => examplesOf(words, body))];
  return { keys: [...new Set(keys)].sort(), events: [...new Set(events)].sort() };
}

/** What a word may stand for: what a variable is set to, either branch of a case, or a text that begins with one that is written there. */
function examplesOf(words: string, body: Body): readonly string[] {
  const bare = unwrapped(words);
  if (isHandedOn(bare, body)) return [];
  const set = settingsOf(bare, body);
  if (set.length > 0) return set.flatMap((each) => examplesOf(each, body));
  const listed = split(bare, ',');
  if (listed.length > 1) return listed.flatMap((each) => examplesOf(each, body));
  const branches = /^case\b/.test(bare) ? [...bare.matchAll(/\b(?:then|else)\s+('[^']*')?/g)] : [];
  if (branches.length > 0) return branches.flatMap(([, branch]) => examplesOf(branch ?? '', body));
  const parts = split(bare, '||').map((part) => /^'([^']*)'$/.exec(part)?.[1]);
  if (parts[0] === undefined) throw new Error(`${body.name}: what it tells as «${bare}» cannot be read`);
  return [parts.map((part) => part ?? 'x').join('')];
}

function eventsIn(words: string, body: Body): readonly string[] {
  const bare = unwrapped(words);
  if (isHandedOn(bare, body)) return [];
  const events = [bare, ...settingsOf(bare, body)]
    .flatMap((each) => argumentsOf(each, 'jsonb_build_object'))
    .flatMap((pairs) => pairs.filter((_, i) => i % 2 === 1 && pairs[i - 1] === `'event'`));
  if (events.length === 0) throw new Error(`${body.name}: no event can be read in «${bare}»`);
  return events.flatMap((each) => examplesOf(each, body));
}

const isHandedOn = (words: string, { name }: Body): boolean => HANDED_ON[name]?.includes(words) === true;

function unwrapped(words: string): string {
  const inner = /^(?:array\s*\[|canonical_object\()([^]*)[\])]$/.exec(words)?.[1];
  return inner === undefined ? words : unwrapped(inner.trim());
}

/** Every text that a variable of this name is given. */
function settingsOf(variable: string, { text }: Body): readonly string[] {
  if (!/^\w+$/.test(variable)) return [];
  const given = text.matchAll(new RegExp(`\\b${variable}\\s+(?:\\w+\\s+)?:=`, 'g'));
  return [...given].map(({ index, 0: { length } }) => (split(text.slice(index + length), ';')[0] ?? '').trim());
}

/** The arguments of each call of a function. */
function argumentsOf(text: string, name: string): readonly (readonly string[])[] {
  const calls = text.matchAll(new RegExp(`\\b${name}\\(`, 'g'));
  return [...calls].map(({ index, 0: { length } }) => split(text.slice(index + length), ','));
}

/** The parts between separators, up to the bracket that closes around them; strings and inner brackets are passed over. */
function split(text: string, separator: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const token of text.match(/'[^']*'|\|\||[^]/g) ?? []) {
    if (/^[([]$/.test(token)) depth += 1;
    if (/^[)\]]$/.test(token)) depth -= 1;
    if (depth < 0) break;
    if (depth === 0 && token === separator) parts.push('');
    else parts.push((parts.pop() ?? '') + token);
  }
  return parts.map((part) => part.trim());
}
