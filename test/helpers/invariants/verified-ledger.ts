import { type Evidence } from './evidence';

/** I6: every leaf, the root and every checkpoint ever exported agree, by the verifier that shares no code with us. */
export function verifiedLedger({ verified }: Evidence): readonly string[] {
  return verified ? [] : ['I6 the offline verifier does not accept the ledger'];
}
