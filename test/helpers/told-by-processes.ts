import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../config/paths';
import { type EffectEnd } from '../../db/record-effect';

export type Teller = 'gateway' | 'worker' | 'loops';

/** An example of an entry that a process writes: what is only known when it runs is `x`, or one of `EXAMPLES`. */
export interface ToldEntry {
  readonly teller: Teller;
  readonly key: string;
  readonly event: string;
}

/** The rooms that processes are made of. */
const ROOMS = [
  'activities',
  'channels',
  'cli',
  'db',
  'gateway',
  'loops',
  'providers',
  'telemetry',
  'temporal',
  'worker',
];

const BY_ROOM: Readonly<Record<string, Teller>> = { activities: 'worker', gateway: 'gateway' };

/** Of the two logins that a worker has. */
const BY_FILE: Readonly<Record<string, Teller>> = {
  'db/record-new-key.ts': 'loops',
  'loops/reconcile-grants.ts': 'worker',
  'loops/tell-people.ts': 'loops',
};

const STATES: Readonly<Record<EffectEnd['state'], true>> = { unknown: true, absent: true, failed: true, done: true };
const KINDS: Readonly<Record<EffectEnd['kind'], true>> = { do: true, undo: true };

/** What an expression in a key or an event may stand for. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  state: Object.keys(STATES),
  kind: Object.keys(KINDS),
  ...Object.fromEntries(['round', 'i + 1', 'String(attempt)', 'String(version)'].map((number) => [number, ['1']])),
};

export function toldByProcesses(): readonly ToldEntry[] {
  const told = ROOMS.flatMap((room) =>
    readdirSync(join(packageRoot(), room), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => `${room}/${path}`)
      .flatMap((file) => entriesIn(file, readFileSync(join(packageRoot(), file), 'utf8'))),
  );
  return [...new Map(told.map((each) => [JSON.stringify(each), each])).values()];
}

/** @throws Error about an entry that cannot be read so: whoever writes a new one says what it is in a way that can be. */
export function entriesIn(file: string, text: string): readonly ToldEntry[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: ToldEntry[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) found.push(...entriesOf(file, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What has an event and an entry is a `LedgerEntry`; an entry's own text has the event alone. */
function entriesOf(file: string, literal: ts.ObjectLiteralExpression): readonly ToldEntry[] {
  const given = (name: string): ts.ObjectLiteralElementLike | undefined =>
    literal.properties.find((property) => property.name?.getText() === name);
  const event = given('event');
  if (event === undefined || given('entry') === undefined) return [];
  const teller = BY_FILE[file] ?? BY_ROOM[file.split('/')[0] ?? ''];
  const [keyText, eventText] = [wordsOf(given('key')), wordsOf(event)];
  if (teller === undefined || keyText === undefined || eventText === undefined)
    throw new Error(`${file}: who writes «${literal.getText()}», and under which key, cannot be read`);
  const texts = Object.entries(EXAMPLES).reduce<readonly (readonly [string, string])[]>(
    (all, [words, examples]) => all.flatMap((pair) => filledIn(pair, `\${${words}}`, examples)),
    [[keyText, eventText]],
  );
  return texts.map(([key, name]) => ({ teller, key, event: name }));
}

function filledIn(
  pair: readonly [string, string],
  words: string,
  examples: readonly string[],
): readonly (readonly [string, string])[] {
  if (!pair.some((text) => text.includes(words))) return [pair];
  return examples.map((example) => [pair[0].replaceAll(words, example), pair[1].replaceAll(words, example)] as const);
}

/** The text as it is written, or that of the constant that is named. */
function wordsOf(property: ts.ObjectLiteralElementLike | undefined): string | undefined {
  if (property === undefined) return undefined;
  if (ts.isShorthandPropertyAssignment(property)) return constantBefore(property);
  return ts.isPropertyAssignment(property) ? textOf(property.initializer) : undefined;
}

function textOf(words: ts.Expression | undefined): string | undefined {
  if (words === undefined) return undefined;
  if (ts.isStringLiteralLike(words)) return words.text;
  if (!ts.isTemplateExpression(words)) return undefined;
  const inserted = (expression: string): string => (expression in EXAMPLES ? `\${${expression}}` : 'x');
  const rest = words.templateSpans.map(({ expression, literal }) => inserted(expression.getText()) + literal.text);
  return words.head.text + rest.join('');
}

/** What a constant of the same function is set to. */
function constantBefore({ name, parent }: ts.ShorthandPropertyAssignment): string | undefined {
  for (let at: ts.Node = parent; !ts.isSourceFile(at); at = at.parent) {
    if (!ts.isBlock(at)) continue;
    const constants = at.statements.filter(ts.isVariableStatement).flatMap((each) => each.declarationList.declarations);
    const set = constants.find((constant) => constant.name.getText() === name.text);
    if (set !== undefined) return textOf(set.initializer);
  }
  return undefined;
}
