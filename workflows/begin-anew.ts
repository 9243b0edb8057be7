import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import { type agentLifecycle } from './agent-lifecycle';
import { type AgentLifecycleInput } from './contract/messages';

/** Some two hundred changes of an agent: far below what makes a history slow to replay. */
const EVENTS_UNTIL_NEW = 1_000;

/**
 * Goes on as a new run where the history has grown long. Asked before every wait: what piled up is left behind at once, and not with the next
 * signal. A signal says only that there is something to read, and the new run reads first; one that comes meanwhile is the new run's. Deadlines are
 * absolute and in Postgres: whoever begins anew waits for what is left of them.
 */
export async function beginAnewIfLong(agent: AgentLifecycleInput): Promise<void> {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  if (!continueAsNewSuggested && historyLength <= EVENTS_UNTIL_NEW) return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof agentLifecycle>(agent);
}
