import { FAILURES } from '../domain/failures';
import { BundleRefused } from './bundle-refused';

const CODES = { older: 'bundle_stale', taken: 'bundle_version_taken' } as const;

/** Why a process does not start with a good bundle: one is in force that it must not replace. */
export function notInForce(standing: keyof typeof CODES): BundleRefused {
  const code = CODES[standing];
  const { sentence, operator } = FAILURES[code];
  return new BundleRefused(standing, `${code}: ${sentence} ${operator}`);
}
