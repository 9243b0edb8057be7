import { InvalidArgumentError } from 'commander';

/** A day: whoever waits longer than that asks again. */
const MAX_SECONDS = 86_400;

/** Reads an option's value. */
export function seconds(value: string): number {
  if (!/^[0-9]{1,5}$/.test(value) || Number(value) > MAX_SECONDS)
    throw new InvalidArgumentError(`Write whole seconds, 0 to ${MAX_SECONDS}.`);
  return Number(value);
}
