import { type AgentIdentity } from '../../domain/guard-input';
import { createPdp, type Pdp } from '../../pdp/create-pdp';
import { openClientBundle } from '../../pdp/open-client-bundle';
import { CountersignError } from '../countersign-error';
import { type GatewayConnection } from '../gateway-connection';
import { ageMs, type Moment, moment } from './age';

/** What a process decides by, and since when it has known that. */
interface Held {
  readonly pdp: Pdp;
  readonly agent: AgentIdentity;
  readonly stopped: readonly string[];
  readonly etag: string | null;
  /** When the gateway was last asked, and its clock as it answered. */
  readonly confirmed: Moment;
  readonly heard: number;
  readonly time: number;
}

export interface Policy extends Pick<Held, 'pdp' | 'agent' | 'stopped'> {
  /** The gateway's clock, as far as it is known here. */
  readonly now: () => string;
  readonly outdated: boolean;
}

/** Looks so often within the time after which what it holds is too old: two may be lost. */
const LOOKS = 3;

/** Gets the client bundle, checks who signed it, and keeps looking for the next, in the background. */
export class PolicySource {
  readonly #connection: GatewayConnection;
  readonly #publicKeyPem: string;
  readonly #staleAfterMs: number;
  #held: Held | undefined;
  #loading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Of the newest bundle that was ever held: an older one is refused, whoever serves it. */
  #version = 1;

  constructor(connection: GatewayConnection, publicKeyPem: string, staleAfterMs: number) {
    this.#connection = connection;
    this.#publicKeyPem = publicKeyPem;
    this.#staleAfterMs = staleAfterMs;
  }

  /** @throws CountersignError, BundleRefused while there is none */
  async current(): Promise<Policy> {
    if (this.#held === undefined) await this.#load();
    const held = this.#held;
    if (held === undefined) throw new Error('the agent was stopped while its policy was fetched');
    const { pdp, agent, stopped, time, heard, confirmed } = held;
    const outdated = ageMs(confirmed) > this.#staleAfterMs;
    // By the steady clock: this machine's other one may be set, and a time that is not true is a false report.
    return { pdp, agent, stopped, outdated, now: () => new Date(time + performance.now() - heard).toISOString() };
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Forgets what it holds: the gateway has said that this agent may not go on. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#held = undefined;
  }

  async #load(patienceMs?: number): Promise<void> {
    this.#loading ??= this.#ask(patienceMs).finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  async #ask(patienceMs: number | undefined): Promise<void> {
    const asked = moment();
    const held = this.#held;
    const { status, body, headers } = await this.#connection.send({
      method: 'GET',
      path: '/v1/bundle',
      ...(held?.etag && { headers: { 'if-none-match': held.etag } }),
      ...(patienceMs !== undefined && { patienceMs }),
    });
    // Confirmed when it was asked, not when it was answered: the answer may have been long on its way.
    const known = { confirmed: asked, heard: performance.now(), time: timeIn(headers), etag: headers.get('etag') };
    if (status === 304 && held !== undefined) this.#held = { ...held, ...known };
    else {
      const told = body as { bundle: unknown; agent: AgentIdentity; stopped: readonly string[] };
      const opened = openClientBundle(told.bundle, this.#publicKeyPem, this.#version);
      const pdp = held?.pdp.bundle.digest === opened.digest ? held.pdp : await createPdp(opened);
      this.#version = opened.version;
      this.#held = { pdp, agent: told.agent, stopped: told.stopped, ...known };
    }
    this.#lookAgain();
  }

  #lookAgain(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#load(0).catch((error: unknown) => {
        // Refused for good is forgotten at once; what may pass, or is no bundle of ours, ends by its age.
        if (error instanceof CountersignError && !error.retryable) this.drop();
        else this.#lookAgain();
      });
    }, this.#staleAfterMs / LOOKS).unref();
  }
}

function timeIn(headers: Headers): number {
  const time = Date.parse(headers.get('countersign-time') ?? '');
  if (Number.isNaN(time)) throw new Error('The gateway does not say what time it is.');
  return time;
}
