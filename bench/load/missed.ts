import { type Measured } from './measured';

/** Each target that is missed, as a sentence. Targets are ratios of one run: no machine makes them easier. */
export function missed({ allowed, approved, overload }: Measured): string[] {
  const under64 = allowed[64].throughput.median;
  const alone = allowed[1].p50;
  const approvedUnder64 = approved[64].throughput.median;
  const found = [
    under64 < 0.75 && `allowed actions: ${String(under64)} of the throughput of a bare workflow, not 0.75`,
    alone > 1.5 && `an allowed action alone takes ${String(alone)} times as long as a bare workflow, not 1.5`,
    approvedUnder64 < 3 && `approved actions: ${String(approvedUnder64)} times the throughput of the naive form, not 3`,
    overload.revocationRatio > 3 &&
      `revocations take ${String(overload.revocationRatio)} times as long under overload, not 3`,
  ];
  return found.filter((sentence) => sentence !== false);
}
