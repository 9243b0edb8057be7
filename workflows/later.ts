/** From a minute to an hour: what has waited for long is not looked at much later for having waited. */
const LATER_MS = { first: 60_000, most: 3_600_000 };

/** How long to wait before something is tried again that nobody answered `times` times already: longer each time. */
export function laterMs(times: number): number {
  return Math.min(LATER_MS.most, LATER_MS.first * 2 ** times);
}
