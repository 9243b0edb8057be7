import { type EffectResult, type StatusResult } from '../../domain/provider';
import { DEFAULT_LIMITS, JsonRefusedError, parseJsonStrict } from '../../evidence/parse-json';
import { type JsonObject } from '../../domain/json';
import { type FilledStatement } from './fill-statement';
import { commitRefusalOf, refusalOf } from './judge-error';
import { Refused } from './refused';
import { type Session } from './session';

export interface MarkedStatement {
  /** The idempotency key: one marker for each. */
  readonly key: string;
  readonly statement: FilledStatement;
  /** Nothing may begin later, by the target's clock. */
  readonly until: string;
  readonly maxBytes: number;
}

interface Marker {
  readonly statement: string | null;
  readonly result: JsonObject | null;
}

/**
 * Held from before the first look at the marker until the end of the transaction: whoever gets it knows that nobody is at it. Of the very types that
 * the server's own function takes: one in the search path that fits better would be called instead, and an agent may have made it.
 */
const LOCK = 'hashtextextended($1::text, 0::bigint)';

/**
 * Runs a statement and writes its marker in one transaction: both stand, or neither. A key that has its marker answers as the first time did,
 * and changes nothing.
 */
export async function runStatement(session: Session, call: MarkedStatement): Promise<EffectResult> {
  let result: JsonObject;
  try {
    await session.query('begin');
    await session.query(`select pg_advisory_xact_lock(${LOCK})`, [call.key]);
    const before = await readMarker(session, call);
    if (before.marker !== undefined) return { kind: 'done', result: before.marker };
    if (!before.open) throw new Refused('not_sent');
    result = await onlyRow(session, call);
    await session.query(
      'insert into countersign.markers (key, statement, result) values ($1::text, $2::text, $3::jsonb)',
      [call.key, call.statement.digest, JSON.stringify(result)],
    );
  } catch (error) {
    // Not committed, so undone as soon as the session ends.
    return { kind: 'failed', code: refusalOf(error, 'not_committed') };
  }
  try {
    const { command } = await session.query('commit');
    return command === 'COMMIT' ? { kind: 'done', result } : { kind: 'failed', code: 'not_committed' };
  } catch (error) {
    const code = commitRefusalOf(error);
    return code === undefined ? { kind: 'unknown', code: 'target_connection_lost' } : { kind: 'failed', code };
  }
}

/** Whether a statement was run under this key. "No" is only said when no transaction is at it any more. */
export async function askMarker(session: Session, call: MarkedStatement): Promise<StatusResult> {
  await session.query('begin');
  const { rows } = await session.query<{ free: boolean }>(`select pg_try_advisory_xact_lock(${LOCK}) as free`, [
    call.key,
  ]);
  // A statement of its own: it must see what was committed before the lock was free.
  const { marker } = await readMarker(session, call);
  if (marker !== undefined) return { kind: 'found', result: marker };
  return rows[0]?.free === true ? { kind: 'absent' } : { kind: 'unanswered', code: 'target_at_it' };
}

/** @throws Refused if the key stands for another statement. */
async function readMarker(
  session: Session,
  { key, statement, until }: MarkedStatement,
): Promise<{ readonly marker?: JsonObject; readonly open: boolean }> {
  const { rows } = await session.query<Marker & { readonly open: boolean }>(
    `select clock_timestamp() < $2::timestamptz as open, statement, result
     from (values (1)) as always left join countersign.markers on key = $1::text`,
    [key, until],
  );
  const [row] = rows;
  if (row === undefined || row.statement === null || row.result === null) return { open: row?.open === true };
  if (row.statement !== statement.digest) throw new Refused('target_conflict');
  return { marker: row.result, open: row.open };
}

/** The one row of the statement, as an object. Anything else is not an effect that somebody could verify or undo. */
async function onlyRow(session: Session, { statement, maxBytes }: MarkedStatement): Promise<JsonObject> {
  const { rows } = await session.query<JsonObject>(statement.sql, statement.values);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Refused('target_answer_not_one_row');
  const text = Buffer.from(JSON.stringify(row));
  if (text.length > maxBytes) throw new Refused('target_answer_too_large');
  try {
    return parseJsonStrict(text, { ...DEFAULT_LIMITS, maxBytes }) as JsonObject;
  } catch (error) {
    if (error instanceof JsonRefusedError) throw new Refused('target_answer_not_json');
    throw error;
  }
}
