import { type EffectRecord } from '../db/load-effects';

/** The row of a step in one direction, if it was ever begun. */
export function effectOf(
  effects: readonly EffectRecord[],
  step: string,
  kind: EffectRecord['kind'],
): EffectRecord | undefined {
  return effects.find((effect) => effect.step === step && effect.kind === kind);
}
