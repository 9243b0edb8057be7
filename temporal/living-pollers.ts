import { TASK_QUEUES } from '../workflows/contract/names';
import { type TemporalClient } from './connect';

/** A worker that lives asks again after a minute at the latest; the server remembers it for five. Twice that, so that one late answer is no death. */
const SEEN_WITHIN_MS = 120_000;
/** Of `temporal.api.enums.v1.TaskQueueType`. */
const KIND = { workflow: 1, activity: 2 } as const;

type Queue = (typeof TASK_QUEUES)[keyof typeof TASK_QUEUES];

/** Who asked for tasks of this queue lately, by the build that they came with. Throws where Temporal does not answer. */
export async function livingPollers(
  client: TemporalClient,
  queue: Queue,
): Promise<readonly { readonly buildId: string | undefined }[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: queue },
    taskQueueType: queue === TASK_QUEUES.actions ? KIND.workflow : KIND.activity,
  });
  return (pollers ?? [])
    .filter(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < SEEN_WITHIN_MS)
    .map(({ deploymentOptions }) => ({ buildId: deploymentOptions?.buildId ?? undefined }));
}
