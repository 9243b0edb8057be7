import { type ActionOutcome } from '../client/action-outcome';
import { type InvoiceParams } from './reader/read-invoice';

/** How an invoice can end in this story. `invalid`: no action came to be. `open`: it had not ended when the story did. */
export type InvoiceEnding = Exclude<ActionOutcome['kind'], 'pending' | 'unknown'> | 'invalid' | 'open';

/** One invoice file after the agent has dealt with it. */
export interface Handled {
  readonly file: string;
  /** How it must end for the story to be the one that is told. */
  readonly expected: InvoiceEnding;
  readonly ending: InvoiceEnding;
  /** Codes of the reasons, where there are any. */
  readonly why: readonly string[];
  /** Who must have countersigned it, where the story says so. */
  readonly approvers?: readonly string[] | undefined;
  readonly actionId?: string;
  readonly params?: InvoiceParams;
}
