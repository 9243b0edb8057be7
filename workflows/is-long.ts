import { workflowInfo } from '@temporalio/workflow';

/** Some two hundred changes of an agent, or three hundred pages of a departure: far below what makes a history slow to replay. */
const EVENTS_UNTIL_NEW = 1_000;

/** Whether the history has grown so long that this workflow should go on as a new run. */
export function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > EVENTS_UNTIL_NEW;
}
