import { createHash } from 'node:crypto';
import { Client, type ClientConfig } from 'pg';

/**
 * A connection on which Postgres parses and plans each statement once, and not at every call: with row security and a page of short statements an
 * action, planning costs more than running. Statements are literals of the code, so there are few of them.
 */
export class PreparingClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    const query = super.query.bind(this) as (...args: readonly unknown[]) => unknown;
    this.query = ((...args: readonly unknown[]) => query(...named(args))) as Client['query'];
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
