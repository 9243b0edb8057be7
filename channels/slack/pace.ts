/** Time, as an argument. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** How fast one kind of call may be made. */
export interface Rate {
  /** One of them in this time, on the average. */
  readonly everyMs: number;
  /** So many at once after a while without any. */
  readonly burst: number;
}

/**
 * A token bucket for each key. Whoever's turn is near waits for it; whoever would wait long is told when to come back, so that a flood of one kind
 * keeps nobody else. It knows of this process alone: several share Slack's patience, and hear of it from Slack.
 */
export class Pace {
  /** When the bucket of a key is full again. */
  readonly #fullAt = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly maxWaitMs: number,
  ) {}

  /** Undefined: now. A number: not now, but in so many milliseconds. */
  async turn(key: string, { everyMs, burst }: Rate): Promise<number | undefined> {
    const now = this.clock.now();
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, now) + everyMs;
    const waitMs = fullAt - now - everyMs * burst;
    if (waitMs > this.maxWaitMs) return waitMs;
    this.#fullAt.set(key, fullAt);
    if (waitMs > 0) await this.clock.sleep(waitMs);
    return undefined;
  }

  /** The other side said when it takes the next. */
  holdOff(key: string, ms: number, { everyMs, burst }: Rate): void {
    this.#fullAt.set(key, this.clock.now() + ms + everyMs * (burst - 1));
  }
}
