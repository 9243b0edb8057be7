import { isObject, type Json, type JsonObject } from '../../domain/json';
import { type EffectResult, type FactResult, type RevokeResult, type StatusResult } from '../../domain/provider';
import { DEFAULT_LIMITS, JsonRefusedError, parseJsonStrict } from '../../evidence/parse-json';
import { type Exchange } from './exchange';

/*
 * What an exchange means. Codes are ours alone: what a target writes may repeat a credential, and would end in a ledger.
 * In doubt an effect is `unknown`: then the target is asked by key, which is always safe. A wrong `failed` would undo what was never done
 * or do twice what was; a wrong `done` would prove what never happened.
 */

type Answered = Extract<Exchange, { kind: 'answered' }>;

/**
 * The answers to a change that say it is done. No other of the 2xx is that: 202 promises to do it later, or perhaps not, 203 is the word of something in
 * between, 206 and 207 may be about a part (RFC 9110 §15.3, RFC 4918 §11.1).
 */
const DONE: ReadonlySet<number> = new Set([200, 201, 204]);

const JSON_TYPE = /^application\/(json|[a-z0-9.+-]+\+json)\s*(;|$)/i;

/** What became of a call that changes something. */
export function judgeEffect(exchange: Exchange): EffectResult {
  if (exchange.kind === 'not_sent') return { kind: 'failed', code: exchange.code };
  if (exchange.kind === 'lost') return { kind: 'unknown', code: exchange.code };
  const { status } = exchange;
  // Done, and nothing to say: a usual answer to DELETE. A step that verifies its effect finds nothing here and fails.
  if (status === 204) return { kind: 'done', result: {} };
  if (DONE.has(status)) {
    const result = objectOf(exchange);
    return result === undefined ? { kind: 'unknown', code: 'target_answer_not_json' } : { kind: 'done', result };
  }
  return isRefusal(status)
    ? { kind: 'failed', code: refusalCode(status) }
    : { kind: 'unknown', code: errorCode(status) };
}

/** What the target says about an idempotency key. */
export function judgeStatus(exchange: Exchange): StatusResult {
  if (exchange.kind !== 'answered') return { kind: 'unanswered', code: exchange.code };
  const result = exchange.status === 200 ? objectOf(exchange) : undefined;
  if (result !== undefined) return { kind: 'found', result };
  return isAbsent(exchange) ? { kind: 'absent' } : { kind: 'unanswered', code: failureCode(exchange) };
}

/** What a system of record says about a subject. */
export function judgeFact(exchange: Exchange): FactResult {
  const status = judgeStatus(exchange);
  if (status.kind === 'found') return { kind: 'found', fact: status.result };
  return status.kind === 'absent' ? { kind: 'missing' } : status;
}

/**
 * Whether a credential is dead. "Not found" is no proof: a target that has not seen a signed token yet would still take it,
 * so the credential counts as live until it has expired, seconds later.
 */
export function judgeRevocation(exchange: Exchange, expired: boolean): RevokeResult {
  if (exchange.kind === 'answered' && DONE.has(exchange.status)) return { kind: 'revoked' };
  if (expired) return { kind: 'expired' };
  return { kind: 'live', code: exchange.kind === 'answered' ? failureCode(exchange) : exchange.code };
}

/**
 * Whether a status says for certain that nothing was done: the client errors (RFC 9110 §15.5), without those that may come after the effect,
 * from something in between, or about another request:
 * 408 the target gave up waiting, 409 this key is being worked on or means something else there, 425 answers early data, which we never send.
 * 429 is a refusal: limits are applied before work begins (RFC 6585 §4).
 */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 409 && status !== 425;
}

/** A 404 counts only if it is empty or JSON: the page of a proxy, or of a wrong address, is not the target's word. */
function isAbsent(answered: Answered): boolean {
  return answered.status === 404 && (answered.body.length === 0 || objectOf(answered) !== undefined);
}

function failureCode({ status }: Answered): string {
  if (status === 200) return 'target_answer_not_json';
  return isRefusal(status) ? refusalCode(status) : errorCode(status);
}

/** `target_busy`: the same request may succeed later. */
function refusalCode(status: number): string {
  return status === 429 ? 'target_busy' : `target_refused_${status}`;
}

function errorCode(status: number): string {
  if (status === 202) return 'target_accepted_only';
  if (status < 300) return `target_unclear_${status}`;
  // Followed, a redirect would carry the credential to an address that nobody registered.
  if (status >= 300 && status < 400) return 'target_redirected';
  return status === 409 ? 'target_conflict' : `target_error_${status}`;
}

function objectOf({ contentType, body }: Answered): JsonObject | undefined {
  if (!JSON_TYPE.test(contentType)) return undefined;
  const value = parsed(body);
  return isObject(value) ? value : undefined;
}

function parsed(body: Buffer): Json {
  try {
    // The size was limited while it came in.
    return parseJsonStrict(body, { ...DEFAULT_LIMITS, maxBytes: body.length });
  } catch (error) {
    if (error instanceof JsonRefusedError) return null;
    throw error;
  }
}
