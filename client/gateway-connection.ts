import { CountersignError } from './countersign-error';
import { jsonText } from './json-text';
import { pause } from './pause';
import { type GatewayAnswer, readAnswer } from './read-answer';
import { unlessAborted } from './unless-aborted';

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
const UNAUTHENTICATED = 401;
export const TOO_MANY_REQUESTS = 429;

/** Where tokens come from. */
export interface Tokens {
  /** @throws CountersignError when there is none */
  token(): Promise<string>;
  /** It was not taken. */
  drop(token: string): void;
}

/** A key, or where tokens come from; `undefined` for what needs neither. */
type Secret = string | Tokens | undefined;

/**
 * Sends requests of one caller. Every request that it sends may be repeated: reading changes nothing, and what changes something is bound to a key
 * or to a person. So it repeats what may succeed then, a little later each time, and never sooner than the gateway asks.
 */
export class GatewayConnection {
  readonly #url: string;
  readonly #secret: Secret;
  readonly #patienceMs: number;

  constructor(url: string, secret: Secret, patienceMs = PATIENCE_MS) {
    if (!/^https?:/.test(url) || !URL.canParse(url))
      throw new TypeError(`The address of the gateway is none: ${url}. Write http(s)://<host>.`);
    // Whoever sent it would be told by an error that quotes it.
    if (typeof secret === 'string' && !/^[\x21-\x7e]+$/.test(secret))
      throw new TypeError('The key holds characters that no key has.');
    this.#url = url.replace(/\/+$/, '');
    this.#secret = secret;
    this.#patienceMs = patienceMs;
  }

  /** @throws CountersignError when it is refused, or nobody answers in time; one of status 429 means that nothing of it was taken */
  async send(request: GatewayRequest): Promise<GatewayAnswer> {
    let giveUpAt: number | undefined;
    let unsure: CountersignError | undefined;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#known(request);
      if (!(answer instanceof CountersignError)) return answer;
      giveUpAt ??= performance.now() + (request.patienceMs ?? this.#patienceMs);
      const delayMs = backoffMs(attempt) + (answer.retryAfterMs ?? 0);
      if (isUnsure(answer)) unsure ??= answer;
      // What was asked earlier may still be carried out: that it was too much the second time says nothing of the first.
      if (!answer.retryable || performance.now() + delayMs > giveUpAt)
        throw answer.status === TOO_MANY_REQUESTS ? (unsure ?? answer) : answer;
      await pause(delayMs, request.signal);
    }
  }

  /** A token may have ended while it was in hand, with its key or because the agent was stopped: then it is worth asking with another, once. */
  async #known(request: GatewayRequest): Promise<GatewayAnswer | CountersignError> {
    if (typeof this.#secret !== 'object') return await this.#try(request, this.#secret);
    const tokens = this.#secret;
    const inHand = (): Promise<string | CountersignError> =>
      unlessAborted(tokens.token(), request.signal).catch(refusal);
    const token = await inHand();
    if (token instanceof CountersignError) return token;
    const answer = await this.#try(request, token);
    if (!(answer instanceof CountersignError) || answer.status !== UNAUTHENTICATED) return answer;
    tokens.drop(token);
    const another = await inHand();
    return another instanceof CountersignError ? another : await this.#try(request, another);
  }

  async #try(
    { method, path, body, headers, waitMs = 0, signal }: GatewayRequest,
    secret: string | undefined,
  ): Promise<GatewayAnswer | CountersignError> {
    const sent = body === undefined ? {} : { body: jsonText(body) };
    const timeUp = AbortSignal.timeout(waitMs + SLACK_MS);
    const request = new Request(this.#url + path, {
      method,
      headers: {
        ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
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

/** Nobody answered, or something that stands before the gateway did: it may have taken the request all the same. */
function isUnsure({ status }: CountersignError): boolean {
  return status === 0 || status >= 500;
}

/** A token that cannot be had now may be had a little later, like an answer. @throws whatever else went wrong */
function refusal(error: unknown): CountersignError {
  if (error instanceof CountersignError) return error;
  throw error;
}

/** Half of it is chance, so that those who lost the gateway together do not come back together. */
function backoffMs(attempt: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** attempt, MAX_DELAY_MS) * (0.5 + Math.random() / 2);
}
