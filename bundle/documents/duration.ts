const PATTERN = /^([1-9][0-9]{0,5})(ms|s|m|h|d)$/;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `30s`, `5m`, `24h`, `7d`, `500ms`; `undefined` for anything else, zero included. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = PATTERN.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return Number(count) * (UNIT_MS[unit] ?? Number.NaN);
}
