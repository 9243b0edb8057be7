import { type Way } from './line';

/** Looks at a piece of data on its way. A number: the connection is cut here, and that many of its bytes still get through. */
export type Cut = (connection: object, way: Way, data: Buffer) => number | undefined;

// As `pg` sends them: simple queries.
const BEGIN = Buffer.from('Q\0\0\0\x0abegin\0', 'latin1');
const COMMIT = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1');

/**
 * At the commit of a transaction in which this was said. `unheard`: the server never hears of it. `unanswered`: it commits, and nobody is told.
 * Whoever waits for the answer cannot tell them apart.
 */
export function atCommit(how: 'unheard' | 'unanswered', of: string): Cut {
  const said = new WeakSet();
  const committing = new WeakSet();
  return (connection, way, data) => {
    if (way === 'back') return committing.has(connection) ? 0 : undefined;
    if (data.includes(BEGIN)) said.delete(connection);
    if (data.includes(of)) said.add(connection);
    if (!said.has(connection) || !data.includes(COMMIT)) return undefined;
    committing.add(connection);
    return how === 'unheard' ? 0 : undefined;
  };
}

/** Before the answer to something in which this was said. */
export function atAnswer(to: string): Cut {
  const said = new WeakSet();
  return (connection, way, data) => {
    if (way === 'there' && data.includes(to)) said.add(connection);
    return way === 'back' && said.has(connection) ? 0 : undefined;
  };
}
