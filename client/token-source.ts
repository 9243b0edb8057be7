import { assertionOf, makeKey, registration, thumbprintOf } from './agent-key';
import { CountersignError } from './countersign-error';
import { type HeldCredential, type PrivateJwk, readCredential, writeCredential } from './credential-file';
import { GatewayConnection, type Tokens } from './gateway-connection';

interface Token {
  readonly token: string;
  readonly expiresAt: string;
  readonly rotate: boolean;
  /** Of the key that it was given for. */
  readonly registeredAt: string;
  readonly notAfter: string;
}

interface InHand {
  readonly credential: HeldCredential;
  readonly token: Token;
}

/** Before the end of a token: what a request may take to arrive, and clocks may differ. */
const MARGIN_MS = 30_000;
/** A key that could not be replaced is good for a third of its life yet. */
const AGAIN_MS = 10_000;
/** Of a key's life: the rest is for a gateway that is away. */
const ROTATE_AFTER = 2 / 3;
const UNAUTHENTICATED = 401;

/** Exchanges the key in a file for tokens, renews them, and registers the next key in time. */
export class TokenSource implements Tokens {
  readonly #url: string;
  readonly #file: string;
  readonly #configDigest: string | undefined;
  #held: { readonly token: string; readonly useUntil: number } | undefined;
  #renewing: Promise<string> | undefined;

  constructor(url: string, file: string, configDigest: string | undefined) {
    this.#url = url;
    this.#file = file;
    this.#configDigest = configDigest;
  }

  /** @throws CountersignError when there is none for us */
  async token(): Promise<string> {
    if (this.#held !== undefined && Date.now() < this.#held.useUntil) return this.#held.token;
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return await this.#renewing;
  }

  /** It was not taken: the next one is another, unless that is so already. */
  drop(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  /** Registers the next key now. Meanwhile the token in hand goes on. @throws CountersignError when it is refused, or nobody answers */
  async rotate(): Promise<void> {
    while (this.#renewing !== undefined) await Promise.allSettled([this.#renewing]); // whoever asked for it is told
    await (this.#renewing = this.#replace().finally(() => (this.#renewing = undefined)));
  }

  async #replace(): Promise<string> {
    const { credential, token } = await this.#inHand();
    return await this.#follow(await this.#register(credential, token.token));
  }

  async #renew(): Promise<string> {
    const { credential, token } = await this.#inHand();
    if (!token.rotate && credential.next === undefined && Date.now() < dueAt(credential))
      return this.#keep(token, dueAt(credential));
    const next = await this.#register(credential, token.token).catch(later);
    return next === undefined ? this.#keep(token, Date.now() + AGAIN_MS) : await this.#follow(next);
  }

  async #inHand(): Promise<InHand> {
    const credential = await readCredential(this.#file);
    try {
      return { credential, token: await this.#exchange(credential) };
    } catch (error) {
      const notKnown = error instanceof CountersignError && error.status === UNAUTHENTICATED;
      if (!notKnown || credential.next === undefined) throw error;
      return await this.#takeOver(credential, credential.next, error);
    }
  }

  /**
   * Whoever was cut off while the next key was registered, and comes back when the one before it is over, is known by the next one alone.
   * @throws why the one before is not taken, where the next one is not known either
   */
  async #takeOver({ next: _over, ...known }: HeldCredential, key: PrivateJwk, why: CountersignError): Promise<InHand> {
    const next = { ...known, kid: thumbprintOf(key), key };
    const token = await this.#exchange(next).catch((error: unknown) => {
      throw error instanceof CountersignError && error.status === UNAUTHENTICATED ? why : error;
    });
    const { registeredAt, notAfter } = token;
    const credential: HeldCredential = { ...next, registeredAt, notAfter };
    await writeCredential(this.#file, credential);
    return { credential, token };
  }

  async #follow(next: HeldCredential): Promise<string> {
    return this.#keep(await this.#exchange(next), dueAt(next));
  }

  #keep({ token, expiresAt }: Token, until: number): string {
    const end = Date.parse(expiresAt);
    const left = end - Date.now();
    // Of a short life not all is margin.
    this.#held = { token, useUntil: Math.min(end - Math.min(MARGIN_MS, left / 4), until) };
    return token;
  }

  async #exchange(credential: HeldCredential): Promise<Token> {
    const body = { assertion: assertionOf(credential, this.#configDigest) };
    // Tried once: an assertion whose answer was lost is worth nothing. Whoever asks again does so with another.
    const gateway = new GatewayConnection(this.#url, undefined, 0);
    const answer = await gateway.send({ method: 'POST', path: '/v1/token', body });
    return answer.body as Token;
  }

  async #register(credential: HeldCredential, token: string): Promise<HeldCredential> {
    const key = credential.next ?? makeKey();
    if (credential.next === undefined) await writeCredential(this.#file, { ...credential, next: key });
    const { body } = await new GatewayConnection(this.#url, token).send({
      method: 'POST',
      path: '/v1/agents/me/keys',
      body: registration(key, 'rotate', credential.kid),
    });
    const next = { ...(body as Omit<HeldCredential, 'key'>), key };
    await writeCredential(this.#file, next);
    return next;
  }
}

/** What may succeed later has time: the key in hand is still good. @throws whatever else went wrong */
function later(error: unknown): undefined {
  if (!(error instanceof CountersignError) || !error.retryable) throw error;
}

function dueAt({ registeredAt, notAfter }: HeldCredential): number {
  const from = Date.parse(registeredAt);
  return from + (Date.parse(notAfter) - from) * ROTATE_AFTER;
}
