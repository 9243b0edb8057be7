import { type WitnessRecord } from '../../../demo/services/witness-book';

/** An effect, in the words of the target that saw it. */
export function about({ service, operation, key = '', actionId = 'nobody' }: WitnessRecord): string {
  return `${service} ${operation} ${key} of ${actionId}`;
}
