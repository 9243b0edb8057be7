import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { type agentLifecycle } from './agent-lifecycle';
import { type AgentLifecycleInput } from './contract/messages';
import { isLong } from './is-long';

/**
 * Goes on as a new run where the history has grown long. Asked before every wait: what piled up is left behind at once, and not with the next
 * signal. A signal says only that there is something to read, and the new run reads first; one that comes meanwhile is the new run's. Deadlines are
 * absolute and in Postgres: whoever begins anew waits for what is left of them.
 */
export async function beginAnewIfLong(agent: AgentLifecycleInput): Promise<void> {
  if (!isLong()) return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof agentLifecycle>(agent);
}
