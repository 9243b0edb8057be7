import { randomUUID } from 'node:crypto';
import { REPORT_LIMITS, type ReportedDecision, type ReportVerdict } from '../../domain/reported-decision';
import { type GatewayConnection } from '../gateway-connection';
import { ageMs, type Moment, moment } from './age';

/** A busy agent's seconds without a gateway; more is an agent that nobody hears of. */
const MAX_WAITING = 1_000;
/** A thousand of the usual size take half of one megabyte; the largest would take sixty. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
/** Decisions that come together travel together. */
const GATHER_MS = 50;
const RETRY_MS = 1_000;
/** Below what the gateway takes, by what stands around the decisions. */
const BATCH_BYTES = REPORT_LIMITS.batchBytes - 1_024;

interface Waiting {
  readonly decision: ReportedDecision;
  readonly bytes: number;
  readonly since: Moment;
}

interface Answer {
  readonly decisions: readonly { readonly verdict: ReportVerdict }[];
  readonly mayGoOn: boolean;
}

/**
 * Brings the decisions of this process to the gateway, in order, in batches, one at a time, until each is confirmed. Whatever is sent twice is
 * recorded once, by its number.
 */
export class ReportQueue {
  readonly #connection: GatewayConnection;
  readonly #confirmWithinMs: number;
  readonly #onStop: () => void;
  readonly #stream = randomUUID();
  readonly #waiting: Waiting[] = [];
  #last = 0;
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #stopped = false;

  constructor(connection: GatewayConnection, confirmWithinMs: number, onStop: () => void) {
    this.#connection = connection;
    this.#confirmWithinMs = confirmWithinMs;
    this.#onStop = onStop;
  }

  /** Too much is not recorded yet, or for too long: nothing more may be decided here. */
  get blocked(): boolean {
    const [oldest] = this.#waiting;
    const full = this.#waiting.length >= MAX_WAITING || this.#bytes >= MAX_WAITING_BYTES;
    return full || (oldest !== undefined && ageMs(oldest.since) > this.#confirmWithinMs);
  }

  add(decision: Omit<ReportedDecision, 'seq'>): void {
    const numbered = { ...decision, seq: (this.#last += 1) };
    const bytes = Buffer.byteLength(JSON.stringify(numbered)) + 1;
    this.#waiting.push({ decision: numbered, bytes, since: moment() });
    this.#bytes += bytes;
    this.#timer ??= setTimeout(() => this.#sendSoon(), GATHER_MS);
  }

  /** Sends what waits, until nothing does. @throws CountersignError when the gateway does not take it; it waits on. */
  async flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Of a batch that is on its way already, only whether it is over matters: what failed in it is sent again here.
      await Promise.allSettled([this.#sending]);
      if (this.#waiting.length > 0) await this.#send();
    }
  }

  /** Sends nothing more by itself. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #sendSoon(): void {
    this.#send(0).then(
      () => this.#goOn(GATHER_MS),
      // Nobody may be there for long: waiting for them does not keep a process alive that is done.
      () => this.#goOn(RETRY_MS).unref(),
    );
  }

  #goOn(delayMs: number): { unref(): void } {
    clearTimeout(this.#timer);
    this.#timer = this.#stopped || this.#waiting.length === 0 ? undefined : setTimeout(() => this.#sendSoon(), delayMs);
    return this.#timer ?? { unref: () => undefined };
  }

  async #send(patienceMs?: number): Promise<void> {
    this.#sending ??= this.#sendBatch(patienceMs).finally(() => (this.#sending = undefined));
    await this.#sending;
  }

  async #sendBatch(patienceMs: number | undefined): Promise<void> {
    const batch = this.#nextBatch();
    if (batch.length === 0) return;
    const { body } = await this.#connection.send({
      method: 'POST',
      path: '/v1/decisions',
      body: { stream: this.#stream, decisions: batch.map(({ decision }) => decision) },
      ...(patienceMs !== undefined && { patienceMs }),
    });
    this.#waiting.splice(0, batch.length);
    this.#bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
    const { decisions, mayGoOn } = body as Answer;
    if (!mayGoOn || decisions.some(({ verdict }) => verdict === 'mismatch')) this.#onStop();
  }

  #nextBatch(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((each) => (bytes += each.bytes) > BATCH_BYTES);
    return this.#waiting.slice(0, Math.min(end === -1 ? Infinity : end, REPORT_LIMITS.decisions));
  }
}
