import { ownMember } from '../../domain/json';

/** How many decimals a currency has (ISO 4217). Only currencies that the demo pays in: guessing would be off by a factor of a hundred. */
const DECIMALS: Readonly<Record<string, number>> = { EUR: 2, USD: 2 };

/** Twelve digits before the point keep every amount far below 2^53. */
const DECIMAL = /^([+-]?)([0-9]{1,12})(?:\.([0-9]{1,12}))?$/;

/**
 * Turns a printed amount into whole minor units: `12.30` EUR is 1230. Digit by digit: a float has no 0.10.
 * `undefined` for whatever is no plain decimal, has more decimals than the currency, or is in a currency that we do not pay in.
 */
export function minorUnits(printed: string, currency: string): number | undefined {
  const decimals = ownMember(DECIMALS, currency);
  const match = DECIMAL.exec(printed);
  if (decimals === undefined || match === null) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > decimals) return undefined;
  const minor = Number(whole + digits.padEnd(decimals, '0'));
  // Never -0: canonical JSON and people write it 0.
  return sign === '-' && minor !== 0 ? -minor : minor;
}
