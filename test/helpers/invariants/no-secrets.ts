import { type Evidence } from './evidence';

/** I11: what must stay secret is nowhere but in Postgres' `actions`, where parameters live, and at the targets. */
export function noSecrets({ places }: Evidence, canaries: readonly string[]): readonly string[] {
  // Thousands of canaries begin alike, and nearly every place holds none.
  const common = commonStart(canaries);
  const suspect = places.filter(([, text]) => text.includes(common));
  return canaries.flatMap((canary) =>
    suspect.filter(([, text]) => text.includes(canary)).map(([place]) => `I11 ${canary} is in ${place}`),
  );
}

function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
