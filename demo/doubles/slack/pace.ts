/** Of a token: requests that were sent a second apart may arrive a little less apart. */
const JITTER = 0.25;

/** A token bucket for each name: so many at once, then so many a second. */
export class Pace {
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {}

  take(name: string): boolean {
    const now = performance.now();
    const bucket = this.#buckets.get(name) ?? { left: this.burst, at: now };
    const left = Math.min(this.burst, bucket.left + ((now - bucket.at) / 1_000) * this.perSecond);
    const granted = left >= 1 - JITTER;
    this.#buckets.set(name, { left: granted ? left - 1 : left, at: now });
    return granted;
  }
}
