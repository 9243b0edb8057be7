import { type ActionOutcome } from '../domain/action';
import { type ActionHandle, type ActionReport, createActionHandle, DEFAULT_WAIT_MS } from './action-handle';
import { GatewayConnection } from './gateway-connection';

export interface ActOptions {
  /** Idempotency key: the same key stands for the same intent. Derive it from the task, so that doing the task again asks for nothing new. */
  readonly key: string;
  /** Why, in the agent's words. Approvers see it, marked as such; no rule believes it. */
  readonly because?: string;
  /** Where the request came from: trace, model, prompt digest, sources. Kept with the request. */
  readonly context?: object;
  /** How long to wait for the end; then the outcome is `pending`. */
  readonly waitMs?: number;
}

/** One request of the gateway answers within this time. */
const MAX_FIRST_WAIT_MS = 25_000;

/** What an agent imports: asks to act and learns what came of it. It holds a key that can ask, and nothing else. */
export class Countersign {
  readonly #connection: GatewayConnection;

  constructor({ url, key }: { readonly url: string; readonly key: string }) {
    this.#connection = new GatewayConnection(url, key);
  }

  /**
   * From `COUNTERSIGN_URL` and `COUNTERSIGN_AGENT_KEY`. The one place outside config/ that looks at the environment: this runs in the agent's
   * process, whose environment is not ours to judge.
   */
  // eslint-disable-next-line no-restricted-properties
  static fromEnv(env: Readonly<Record<string, string | undefined>> = process.env): Countersign {
    const { COUNTERSIGN_URL: url, COUNTERSIGN_AGENT_KEY: key } = env;
    if (url === undefined || key === undefined)
      throw new Error(
        'Set COUNTERSIGN_URL and COUNTERSIGN_AGENT_KEY to the address of the gateway and the key of the agent.',
      );
    return new Countersign({ url, key });
  }

  /** Asks to act and waits for the end. @throws CountersignError when the request itself is refused, or nobody answers. */
  async act(type: string, params: object, options: ActOptions): Promise<ActionOutcome> {
    const waitMs = options.waitMs ?? DEFAULT_WAIT_MS;
    const deadline = performance.now() + waitMs;
    const report = await this.#post(type, params, options, waitMs);
    const left = deadline - performance.now();
    return report.settledAt !== null || left <= 0
      ? report.outcome
      : await this.action(report.id).result({ waitMs: left });
  }

  /** Asks to act and answers as soon as that is recorded. @throws CountersignError like `act` */
  async submit(type: string, params: object, options: Omit<ActOptions, 'waitMs'>): Promise<ActionHandle> {
    return this.action((await this.#post(type, params, options, 0)).id);
  }

  action(id: string): ActionHandle {
    return createActionHandle(this.#connection, id);
  }

  async #post(
    type: string,
    params: object,
    { key, because, context }: ActOptions,
    waitMs: number,
  ): Promise<ActionReport> {
    const firstWaitMs = Math.min(Math.max(Math.round(waitMs), 0), MAX_FIRST_WAIT_MS);
    const { body } = await this.#connection.send({
      method: 'POST',
      path: '/v1/actions',
      headers: { 'idempotency-key': key },
      body: { type, params, because, context, waitMs: firstWaitMs },
      waitMs: firstWaitMs,
    });
    return body as ActionReport;
  }
}
