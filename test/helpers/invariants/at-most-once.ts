import { about } from './about';
import { type Evidence } from './evidence';

/** I2: one key has one effect, and one invoice one payment. */
export function atMostOnce({ witness }: Evidence): readonly string[] {
  return witness.duplicates.map((effect) => `I2 a second effect under one key: ${about(effect)}`);
}
