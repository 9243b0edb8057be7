import { CountersignError } from './countersign-error';
import { jsonText } from './json-text';
import { pause } from './pause';
import { type GatewayAnswer, readAnswer } from './read-answer';

export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the gateway itself may take its time. */
  readonly waitMs?: number;
  /** How long to go on asking when nobody answers; else that of the connection. */
  readonly patienceMs?: number;
  /** Ends it early, with the signal's own reason. What was sent stays sent. */
  readonly signal?: AbortSignal | undefined;
}

/** Beyond `waitMs`: what a busy gateway and a slow network take. */
const SLACK_MS = 10_000;
/** A person at a terminal waits no longer to be told that nobody is there; a gateway that restarts is back by then. */
const PATIENCE_MS = 4_000;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5_000;

/**
 * Sends requests of one caller. Every request that it sends may be repeated: reading changes nothing, and what changes something is bound to a key
 * or to a person. So it repeats what may succeed then, a little later each time, and never sooner than the gateway asks.
 */
export class GatewayConnection {
  readonly #url: string;
  readonly #secret: string;
  readonly #patienceMs: number;

  constructor(url: string, secret: string, patienceMs = PATIENCE_MS) {
    if (!/^https?:/.test(url) || !URL.canParse(url))
      throw new TypeError(`The address of the gateway is none: ${url}. Write http(s)://<host>.`);
    // Whoever sent it would be told by an error that quotes it.
    if (!/^[\x21-\x7e]+$/.test(secret)) throw new TypeError('The key holds characters that no key has.');
    this.#url = url.replace(/\/+$/, '');
    this.#secret = secret;
    this.#patienceMs = patienceMs;
  }

  /** @throws CountersignError when it is refused, or nobody answers in time */
  async send(request: GatewayRequest): Promise<GatewayAnswer> {
    let giveUpAt: number | undefined;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#try(request);
      if (!(answer instanceof CountersignError)) return answer;
      giveUpAt ??= performance.now() + (request.patienceMs ?? this.#patienceMs);
      const delayMs = backoffMs(attempt) + (answer.retryAfterMs ?? 0);
      if (!answer.retryable || performance.now() + delayMs > giveUpAt) throw answer;
      await pause(delayMs, request.signal);
    }
  }

  async #try({
    method,
    path,
    body,
    headers,
    waitMs = 0,
    signal,
  }: GatewayRequest): Promise<GatewayAnswer | CountersignError> {
    const sent = body === undefined ? {} : { body: jsonText(body) };
    const timeUp = AbortSignal.timeout(waitMs + SLACK_MS);
    const request = new Request(this.#url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#secret}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...sent,
      redirect: 'error', // a redirect would carry the key to wherever it points
      signal: signal === undefined ? timeUp : AbortSignal.any([signal, timeUp]),
    });
    try {
      const response = await fetch(request);
      return readAnswer(this.#url, response, await response.text());
    } catch (cause) {
      signal?.throwIfAborted();
      const why = timeUp.aborted ? ` within ${(waitMs + SLACK_MS) / 1_000} s` : '';
      const message = `Countersign does not answer at ${this.#url}${why}.`;
      return new CountersignError(message, { code: 'unreachable', status: 0, retryable: true, cause });
    }
  }
}

/** Half of it is chance, so that those who lost the gateway together do not come back together. */
function backoffMs(attempt: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS) * (0.5 + Math.random() / 2);
}
