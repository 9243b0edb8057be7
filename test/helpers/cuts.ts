import { type Way } from './line';

/**
 * Looks at a piece of data on its way, and at what it says in SQL. A number: the connection is cut here, and that many of its bytes still get
 * through.
 */
export type Cut = (connection: object, way: Way, data: Buffer, said: string) => number | undefined;

// As `pg` sends them: simple queries.
const BEGIN = /Q[^]{4}begin\b/;
const COMMIT = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1');

/**
 * At the commit of a transaction in which this was said. `unheard`: the server never hears of it. `unanswered`: it commits, and nobody is told.
 * Whoever waits for the answer cannot tell them apart.
 */
export function atCommit(how: 'unheard' | 'unanswered', of: string): Cut {
  const saying = new WeakSet();
  const committing = new WeakSet();
  return (connection, way, data, said) => {
    if (way === 'back') return committing.has(connection) ? 0 : undefined;
    if (BEGIN.test(said)) saying.delete(connection);
    if (said.includes(of)) saying.add(connection);
    if (!saying.has(connection) || !data.includes(COMMIT)) return undefined;
    committing.add(connection);
    return how === 'unheard' ? 0 : undefined;
  };
}

/** Before the answer to something in which this was said. */
export function atAnswer(to: string): Cut {
  const saying = new WeakSet();
  return (connection, way, _data, said) => {
    if (way === 'there' && said.includes(to)) saying.add(connection);
    return way === 'back' && saying.has(connection) ? 0 : undefined;
  };
}

const PARSE = /P[^]{4}([\w-]+)\0([^\0]*)\0/g;

/** What is said on one connection, where a statement is sent once and then called by its name (`db/preparing-client.ts`). */
export class Hearing {
  readonly #statements = new Map<string, string>();

  said(data: Buffer): string {
    const text = data.toString('latin1');
    for (const [, name = '', statement = ''] of text.matchAll(PARSE)) this.#statements.set(name, statement);
    const called = [...this.#statements].flatMap(([name, statement]) => (text.includes(name) ? [statement] : []));
    return [text, ...called].join('\n');
  }
}
