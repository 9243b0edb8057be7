/** A moment, by both clocks: the one stands still while a machine sleeps, the other may be set back. */
export interface Moment {
  readonly wall: number;
  readonly steady: number;
}

export function moment(): Moment {
  return { wall: Date.now(), steady: performance.now() };
}

/** How long ago that was, at most. */
export function ageMs({ wall, steady }: Moment): number {
  return Math.max(Date.now() - wall, performance.now() - steady);
}
