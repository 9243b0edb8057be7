import { FAILURES } from '../domain/failures';
import { CountersignError } from './countersign-error';

/** What the gateway answered: a status below 300 and a JSON object; or 304 and none, where what was known is still so. */
export interface GatewayAnswer {
  readonly status: number;
  readonly body: object;
  readonly headers: Headers;
}

const NOT_MODIFIED = 304;

/** The gateway, or something before it, cannot answer now. */
const TRY_AGAIN: readonly number[] = [429, 502, 503, 504];

/** The answer, or what it says is wrong. */
export function readAnswer(url: string, response: Response, text: string): GatewayAnswer | CountersignError {
  const { status, ok, headers } = response;
  if (status === NOT_MODIFIED) return { status, body: {}, headers };
  const body = parse(text);
  if (!ok) return refusal(response, body ?? {});
  if (body !== undefined) return { status, body, headers };
  return new CountersignError(`What answers at ${url} is not Countersign.`, { code: 'not_countersign', status });
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // the page of a proxy: the status says what there is to say
  }
}

type Told = Partial<Record<'code' | 'title' | 'detail', unknown>> & { problems?: CountersignError['problems'] };

function refusal({ status, headers }: Response, { code: told, title, detail, problems = [] }: Told): CountersignError {
  const code = typeof told === 'string' ? told : `http_${status}`;
  const known = Object.hasOwn(FAILURES, code) ? FAILURES[code as keyof typeof FAILURES] : undefined;
  const faults = problems.map(({ path, message }) => `${path}: ${message}`);
  const words = [title, detail, ...faults].filter((part) => typeof part === 'string');
  const retryAfter = headers.get('retry-after');
  return new CountersignError(words.length === 0 ? `The gateway answered ${status}.` : words.join(' '), {
    code,
    status,
    retryable: known?.retryable ?? TRY_AGAIN.includes(status),
    retryAfterMs: retryAfter === null ? undefined : milliseconds(retryAfter),
    problems,
  });
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3). */
function milliseconds(retryAfter: string): number | undefined {
  const ms = /^[0-9]+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}
