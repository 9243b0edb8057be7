import { type PlannedStep } from '../activities/decide';

export { type PlannedStep };

/** Why an action does not go on. The codes are for whoever asked; policy's own words are in Postgres. */
export interface Stop {
  readonly kind: 'stopped';
  readonly stopped: 'denied' | 'rejected' | 'expired' | 'cancelled' | 'failed';
  readonly codes: readonly string[];
}

/** Leave to act, or not. `nothing`: Postgres knows no such open action. `finished`: every step was done. */
export type Leave<Step> =
  | { readonly kind: 'granted'; readonly steps: readonly Step[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'finished' }
  | Stop;
