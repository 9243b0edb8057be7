import { type Evidence } from './evidence';

/** I11: what must stay secret is nowhere but in Postgres' `actions`, where parameters live, and at the targets. */
export function noSecrets({ places }: Evidence, canaries: readonly string[]): readonly string[] {
  return canaries.flatMap((canary) =>
    places.filter(([, text]) => text.includes(canary)).map(([place]) => `I11 ${canary} is in ${place}`),
  );
}
