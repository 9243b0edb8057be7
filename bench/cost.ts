import { type TemporalClient } from '../temporal/connect';

/** What one workflow has cost the server, as DescribeWorkflowExecution tells it. No clock is in it, so no noise is either. */
export interface Cost {
  readonly stateTransitions: number;
  readonly events: number;
  readonly historyBytes: number;
}

/** Waits for the end of the workflow, at most half a minute. */
export async function costOf(client: TemporalClient, workflowId: string): Promise<Cost> {
  const handle = client.workflow.getHandle(workflowId);
  await client.withDeadline(Date.now() + 30_000, () => handle.result());
  const { raw, historyLength, historySize } = await handle.describe();
  const stateTransitions = Number(raw.workflowExecutionInfo?.stateTransitionCount ?? NaN);
  return { stateTransitions, events: historyLength, historyBytes: historySize ?? NaN };
}
