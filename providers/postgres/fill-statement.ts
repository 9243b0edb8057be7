import { createHash } from 'node:crypto';
import { type PostgresStatement } from '../../domain/documents';
import { type Json, type JsonObject } from '../../domain/json';
import { readPointer } from '../../domain/read-pointer';

export interface FilledStatement {
  readonly sql: string;
  /** As text: the server converts each to the type that its place in the statement has, and never reads it as SQL. */
  readonly values: readonly (string | null)[];
  /** Of statement and values: the same key with another digest is another effect. */
  readonly digest: string;
}

/** Has no UTF-8 form, and would reach the server as another text. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Binds an operation's parameters. `undefined` where a value is missing or has no text: then nothing may be sent. */
export function fillStatement({ sql, params }: PostgresStatement, values: JsonObject): FilledStatement | undefined {
  const bound = params.map((source) => textOf(typeof source === 'string' ? readPointer(values, source) : source.const));
  if (!bound.every((value) => value !== undefined)) return undefined;
  const digest = createHash('sha256')
    .update(`countersign/statement/v1\0${JSON.stringify([sql, bound])}`)
    .digest('hex');
  return { sql, values: bound, digest };
}

function textOf(value: Json | undefined): string | null | undefined {
  if (value === undefined || value === null) return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return LONE_SURROGATE.test(text) ? undefined : text;
}
