import { setTimeout as sleep } from 'node:timers/promises';
import { CountersignError } from './countersign-error';

export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the gateway itself may take its time. */
  readonly waitMs?: number;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Beyond `waitMs`: what a busy gateway and a slow network take. */
const SLACK_MS = 10_000;
/** A gateway that restarts is back within seconds; five tries span about six of them. */
const TRIES = 5;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5_000;
/** The gateway, or something before it, cannot answer now. */
const TRY_AGAIN: readonly number[] = [502, 503, 504];

/**
 * Sends requests of one caller. Every request that it sends may be repeated: reading changes nothing, and what changes something is bound to a key
 * or to a person. So it repeats what found nobody, a little later each time.
 */
export class GatewayConnection {
  readonly #url: string;
  readonly #secret: string;

  constructor(url: string, secret: string) {
    this.#url = url.replace(/\/+$/, '');
    this.#secret = secret;
  }

  async send(request: GatewayRequest): Promise<GatewayAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const { error, retryAfterMs, ...answer } = await this.#try(request);
      if (error === undefined) return answer;
      if (retryAfterMs === undefined || attempt === TRIES) throw error;
      const delay = Math.max(FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.8 + 0.4 * Math.random()), retryAfterMs);
      await sleep(Math.min(delay, MAX_DELAY_MS));
    }
  }

  async #try({
    method,
    path,
    body,
    headers,
    waitMs = 0,
  }: GatewayRequest): Promise<GatewayAnswer & { error?: CountersignError; retryAfterMs?: number }> {
    const sent = body === undefined ? undefined : jsonText(body);
    try {
      const response = await fetch(this.#url + path, {
        method,
        headers: {
          authorization: `Bearer ${this.#secret}`,
          accept: 'application/json',
          ...(sent !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(sent !== undefined && { body: sent }),
        redirect: 'error', // a redirect would carry the key to wherever it points
        signal: AbortSignal.timeout(waitMs + SLACK_MS),
      });
      const answer = { status: response.status, body: parse(await response.text()) };
      if (response.ok) return answer;
      const retryAfterMs = TRY_AGAIN.includes(response.status)
        ? 1_000 * (Number(response.headers.get('retry-after')) || 0)
        : undefined;
      return { ...answer, error: refusal(answer), ...(retryAfterMs !== undefined && { retryAfterMs }) };
    } catch (cause) {
      const error = new CountersignError('unreachable', `Countersign does not answer at ${this.#url}.`, 0, [], {
        cause,
      });
      return { status: 0, body: undefined, error, retryAfterMs: 0 };
    }
  }
}

/** `JSON.stringify` writes NaN and infinities as null, which is another request than the one that was meant. */
function jsonText(value: object): string {
  return JSON.stringify(value, (name, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member))
      throw new TypeError(`${name} is ${member}, which JSON cannot say`);
    return member;
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the page of a proxy: the status says what there is to say
  }
}

function refusal({ status, body }: GatewayAnswer): CountersignError {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<
    Record<'code' | 'title' | 'detail', unknown>
  > & {
    problems?: CountersignError['problems'];
  };
  const code = typeof problem.code === 'string' ? problem.code : `http_${status}`;
  const faults = (problem.problems ?? []).map(({ path, message }) => `${path}: ${message}`);
  const words = [problem.title, problem.detail, ...faults].filter((part) => typeof part === 'string');
  return new CountersignError(
    code,
    words.length === 0 ? `The gateway answered ${status}.` : words.join(' '),
    status,
    problem.problems,
  );
}
