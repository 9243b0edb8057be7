import { type OpenStage } from '../domain/approval';
import { type JsonObject } from '../domain/json';

/** Of ids and groups together: some 180 KB at most, where a body may have 256. */
const MAX_NAMES = 2_500;

/** Who was asked, stage by stage, for the ledger's body. Whom a very large group leaves out here is still counted in the entry. */
export function askedPeople(stages: readonly OpenStage[]): JsonObject[] {
  let left = MAX_NAMES;
  const some = (names: readonly string[]): readonly string[] => {
    const taken = names.slice(0, left);
    left -= taken.length;
    return taken;
  };
  return stages.map(({ from, eligible, escalation }) => ({
    from: some(from),
    eligible: some(eligible),
    ...(escalation && {
      escalation: { afterMs: escalation.afterMs, to: some(escalation.to), eligible: some(escalation.eligible) },
    }),
  }));
}
