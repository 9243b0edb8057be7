import {
  type ActionHandle,
  type ActionReport,
  createActionHandle,
  MAX_HOLD_MS,
  type WaitOptions,
} from './action-handle';
import { type ActionOutcome } from './action-outcome';
import { CountersignError } from './countersign-error';
import { exactParams } from './exact-params';
import { GatewayConnection, TOO_MANY_REQUESTS } from './gateway-connection';
import { type Guard } from './guard/guard';
import { type GuardOptions, type GuardOutcome } from './guard-outcome';
import { TokenSource } from './token-source';
import { type ListedActionType, type Tool, toolOf } from './tool';
import { type GrantedWork, withGrant } from './with-grant';

export interface CountersignOptions extends GuardOptions {
  /** Address of the gateway. */
  readonly url: string;
  /** The agent's static key, while developing. It can ask, and nothing else. */
  readonly key?: string | undefined;
  /** Or the file with its credential, which `countersign agents enrol` wrote. It is written anew whenever the next key is registered. */
  readonly credential?: string | undefined;
  /** Digest of the registered version that runs here; needed where one is registered. */
  readonly configDigest?: string | undefined;
  /** How long a gateway that does not answer is asked again before that is an error: 10 s unless said otherwise. */
  readonly patienceMs?: number | undefined;
}

export interface SubmitOptions {
  /** Idempotency key: the same key stands for the same intent. Derive it from the task, so that doing the task again asks for nothing new. */
  readonly key: string;
  /** Why, in the agent's words. Approvers see it, marked as such; no rule believes it. */
  readonly because?: string | undefined;
  /** Where the request came from: trace, model, prompt digest, sources. Kept with the request. */
  readonly context?: object | undefined;
  /** The person whom the agent acts for. It gives no right, and keeps that person from deciding on it. */
  readonly onBehalfOf?: string | undefined;
  /** Ends the asking with the signal's reason. What was asked stays asked. */
  readonly signal?: AbortSignal | undefined;
}

export interface ActOptions extends SubmitOptions {
  /** How long to wait for the end, 20 s unless said otherwise; then the outcome is `pending`, or `unknown`. */
  readonly waitMs?: number | undefined;
}

/** A model that is called again after this long has not lost its thread yet. */
const DEFAULT_WAIT_MS = 20_000;
/** Nobody looks at an agent while it asks: it may outlast the restart of a gateway, or of what stands before it. */
const PATIENCE_MS = 10_000;

/** What an agent imports: asks to act and learns what came of it, over HTTP. */
export class Countersign {
  readonly #connection: GatewayConnection;
  readonly #tokens: TokenSource | undefined;
  readonly #guardOptions: GuardOptions;
  #guard: Promise<Guard> | undefined;

  constructor({ url, key, credential, configDigest, patienceMs = PATIENCE_MS, ...guardOptions }: CountersignOptions) {
    if ((key === undefined) === (credential === undefined))
      throw new TypeError('An agent is known by its credential or, while developing, by its key: give one of them.');
    this.#tokens = credential === undefined ? undefined : new TokenSource(url, credential, configDigest);
    this.#connection = new GatewayConnection(url, this.#tokens ?? key, patienceMs);
    this.#guardOptions = guardOptions;
  }

  /**
   * From `COUNTERSIGN_URL` and `COUNTERSIGN_AGENT_CREDENTIAL` (with `COUNTERSIGN_AGENT_CONFIG_DIGEST`) or, while developing, `COUNTERSIGN_AGENT_KEY`;
   * for `guard` `COUNTERSIGN_BUNDLE_KEY` besides. The one place outside config/ that looks at the environment: this runs in the agent's process, whose
   * environment is not ours to judge.
   */
  // eslint-disable-next-line no-restricted-properties
  static fromEnv(env: Readonly<Record<string, string | undefined>> = process.env): Countersign {
    const { COUNTERSIGN_URL: url, COUNTERSIGN_AGENT_KEY: key, COUNTERSIGN_BUNDLE_KEY: bundleKey } = env;
    const { COUNTERSIGN_AGENT_CREDENTIAL: credential, COUNTERSIGN_AGENT_CONFIG_DIGEST: configDigest } = env;
    if (url === undefined || (key ?? credential) === undefined)
      throw new Error(
        'Set COUNTERSIGN_URL to the address of the gateway, and COUNTERSIGN_AGENT_CREDENTIAL to the file with the credential of the agent or, while developing, COUNTERSIGN_AGENT_KEY to its key.',
      );
    return new Countersign({ url, key, credential, configDigest, bundleKey });
  }

  /** Asks to act and waits for the end. @throws CountersignError when the request itself is refused, or nobody answers. */
  async act(type: string, params: object, options: ActOptions): Promise<ActionOutcome> {
    const { waitMs = DEFAULT_WAIT_MS, signal } = options;
    const deadline = performance.now() + waitMs;
    const report = await this.#post(type, params, options, waitMs).catch(throttled);
    if ('kind' in report) return report;
    const leftMs = deadline - performance.now();
    return report.settledAt !== null || leftMs <= 0
      ? report.outcome
      : await this.action(report.id).result({ waitMs: leftMs, signal });
  }

  /** Asks to act and answers as soon as that is recorded. @throws CountersignError like `act`, and when it is throttled. */
  async submit(type: string, params: object, options: SubmitOptions): Promise<ActionHandle> {
    return this.action((await this.#post(type, params, options, 0)).id);
  }

  /**
   * For action types of the lane `granted`: asks, waits for the leave, and runs `work` with a credential that lives for this action alone; then
   * gives it back. @throws CountersignError like `act`, and whatever `work` throws
   */
  async withGrant(type: string, params: object, options: ActOptions, work: GrantedWork): Promise<ActionOutcome> {
    const { waitMs, signal } = options;
    return await withGrant(await this.submit(type, params, options), work, { waitMs, signal });
  }

  /** An action that was asked for before, here or elsewhere, by this agent. Nothing is sent yet. */
  action(id: string): ActionHandle {
    return createActionHandle(this.#connection, id);
  }

  /** The action types of the policy in force, as tools for a model. @throws CountersignError */
  async tools({ signal }: Pick<WaitOptions, 'signal'> = {}): Promise<readonly Tool[]> {
    const { body } = await this.#connection.send({ method: 'GET', path: '/v1/catalogue', signal });
    return (body as { readonly actionTypes: readonly ListedActionType[] }).actionTypes.map(toolOf);
  }

  /**
   * Registers the next key of the agent now. That happens by itself in good time, and when somebody asks for it; what is asked meanwhile goes on.
   * @throws CountersignError when it is refused, or nobody answers; the key in hand is good until its time, and trying again is safe
   */
  async rotate(): Promise<void> {
    if (this.#tokens === undefined) throw new TypeError('A static key has no successor. Enrol the agent first.');
    await this.#tokens.rotate();
  }

  /**
   * For action types of the lane `cooperative`: decides here, by the policy in force, and runs `fn` only if that allows it, with the parameters
   * that were decided on. The decision is recorded through the gateway soon after. Fails closed: with a policy that is too old, or decisions
   * that nobody has recorded, nothing runs.
   *
   * @throws CountersignError when there is no policy to decide by, or the parameters do not fit; and whatever `fn` throws
   */
  async guard<P extends object, T>(
    type: string,
    params: P,
    fn: (params: P) => T | Promise<T>,
  ): Promise<GuardOutcome<Awaited<T>>> {
    const exact = exactParams(params); // before anything is waited for: they are the caller's, and may change meanwhile
    const guard = await this.#guarding();
    return await guard.run(type, exact, (own) => fn(own as P));
  }

  /** Waits until everything that `guard` decided is recorded. @throws CountersignError when the gateway does not take it; it is kept */
  async flush(): Promise<void> {
    await (await this.#guard)?.flush();
  }

  /** Before the process ends: `flush`, and then `guard` runs nothing more. @throws CountersignError like `flush` */
  async close(): Promise<void> {
    await (await this.#guard)?.close();
  }

  /** Loaded when it is first asked for: it needs packages that asking does not. */
  async #guarding(): Promise<Guard> {
    this.#guard ??= import('./guard/guard.js').then(({ Guard: Loaded }) =>
      Loaded.create(this.#connection, this.#guardOptions),
    );
    return await this.#guard;
  }

  async #post(
    type: string,
    params: object,
    { key, because, context, onBehalfOf, signal }: SubmitOptions,
    waitMs: number,
  ): Promise<ActionReport> {
    // Without types, a key that was forgotten would be sent as the word "undefined", and all intents would be one.
    if (typeof key !== 'string' || key === '') throw new TypeError('An action needs a key: write { key: … }.');
    const firstWaitMs = Math.min(Math.max(Math.round(waitMs), 0), MAX_HOLD_MS);
    const { body } = await this.#connection.send({
      method: 'POST',
      path: '/v1/actions',
      headers: { 'idempotency-key': key },
      body: { type, params, because, context, onBehalfOf, waitMs: firstWaitMs },
      waitMs: firstWaitMs,
      signal,
    });
    return body as ActionReport;
  }
}

/** That too much was asked for at once is something that a model can be told. @throws whatever else went wrong */
function throttled(error: unknown): ActionOutcome {
  if (!(error instanceof CountersignError) || error.status !== TOO_MANY_REQUESTS) throw error;
  const { code, message, retryAfterMs = PATIENCE_MS } = error;
  const say = `This was not asked for: ${message} It may be tried again in ${Math.ceil(retryAfterMs / 1_000)} seconds.`;
  return { kind: 'throttled', say, reasons: [{ code, message }], retryAfterMs };
}
