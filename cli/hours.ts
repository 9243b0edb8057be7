import { InvalidArgumentError } from 'commander';

/** Ninety days: the gateway gives no login for longer. */
const MAX_HOURS = 2_160;

/** Reads an option's value. */
export function hours(value: string): number {
  if (!/^[1-9][0-9]{0,3}$/.test(value) || Number(value) > MAX_HOURS)
    throw new InvalidArgumentError(`Write whole hours, 1 to ${MAX_HOURS}.`);
  return Number(value);
}
