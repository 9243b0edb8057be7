const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** A stretch of time in its two largest units: `2 h 5 min`, `1 min 4 s`, `0.35 s`. */
export function lasting(ms: number): string {
  if (ms < 60_000) return `${String(ms < 10_000 ? Math.round(ms / 10) / 100 : Math.round(ms / 1_000))} s`;
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[first] ?? UNITS[2];
  const [below, part] = UNITS[first + 1] ?? (['s', 1_000] as const);
  const rest = Math.floor((ms % size) / part);
  return `${String(Math.floor(ms / size))} ${unit}${rest === 0 ? '' : ` ${String(rest)} ${below}`}`;
}
