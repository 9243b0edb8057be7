import { type ActionEnding } from './action';

/** What is stored about a step when its action is settled. */
export interface StepRecord {
  readonly step: string;
  /** It may stand at its target: it was done, or nobody knows that it was not. */
  readonly done: boolean;
  /** It is known to be done, and to be what was approved. */
  readonly asApproved: boolean;
  /** The effect was done and then taken back. */
  readonly undone: boolean;
}

/**
 * How an action ended, from what is stored alone. `stopped` is why it did not run to its end; `null` where it claims it did.
 * A claim that the rows do not bear out is never believed: what was done and not undone is stuck, not undone.
 */
export function endingOf(
  allSteps: readonly string[],
  records: readonly StepRecord[],
  stopped: Exclude<ActionEnding, 'executed' | 'undone' | 'undo_stuck'> | 'failed' | null,
): ActionEnding {
  const standing = records.filter((record) => record.done && !record.undone);
  if (
    stopped === null &&
    allSteps.length > 0 &&
    allSteps.every((step) => standing.some((record) => record.step === step && record.asApproved))
  )
    return 'executed';
  if (standing.length > 0) return 'undo_stuck';
  if (stopped === null || stopped === 'failed' || records.some((record) => record.undone)) return 'undone';
  return stopped;
}
