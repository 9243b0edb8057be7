import { ApplicationFailure } from '@temporalio/common';
import { waitUntil } from '../../stack/wait-until';
import { type TemporalClient } from '../../temporal/connect';
import { actionWorkflowId } from '../../workflows/contract/names';

/** What Temporal does when the time of an activity is over; a worker must have taken it. Of the tenant `demo`. */
export async function giveUp(client: TemporalClient, actionId: string, activityType: string): Promise<void> {
  const workflowId = actionWorkflowId('demo', actionId);
  const pending = async (): Promise<string | undefined> => {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.find((each) => each.activityType?.name === activityType)?.activityId ?? undefined;
  };
  await waitUntil(async () => (await pending()) !== undefined, {
    what: `No ${activityType} is under way`,
    withinMs: 20_000,
  });
  const activityId = (await pending()) ?? '';
  await client.activity.fail({ workflowId, activityId }, ApplicationFailure.nonRetryable('nobody took it'));
}
