import { createHash } from 'node:crypto';
import { Client, type ClientConfig } from 'pg';

/**
 * A connection on which Postgres parses and plans each statement once, and not at every call: with row security and a page of short statements an
 * action, planning costs more than running. Statements are literals of the code, so there are few of them.
 */
export class PreparingClient extends Client {
  #gathering = false;

  constructor(config?: ClientConfig) {
    super(config);
    const query = super.query.bind(this) as (...args: readonly unknown[]) => unknown;
    this.query = ((...args: readonly unknown[]) => {
      this.#gather();
      return query(...named(args));
    }) as Client['query'];
  }

  /** Sends the statements of one turn together: a transaction is opened and its first statements asked in one, and each packet wakes two processes. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    const { stream } = this.connection;
    stream.cork();
    process.nextTick(() => {
      this.#gathering = false;
      stream.uncork();
    });
  }
}

/** What has no values is control (`begin`, `commit`), and need not be kept. */
function named(args: readonly unknown[]): readonly unknown[] {
  const [text, values, ...rest] = args;
  return typeof text === 'string' && Array.isArray(values) ? [{ name: nameOf(text), text, values }, ...rest] : args;
}

const names = new Map<string, string>();

/** Postgres cuts names at 63 bytes. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('base64url');
    names.set(text, name);
  }
  return name;
}
