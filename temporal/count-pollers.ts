import { TASK_QUEUES } from '../workflows/contract/names';
import { type TemporalClient } from './connect';

const WITHIN_MS = 1_000;
/** A worker asks again after a minute at the latest; the server remembers it for five. */
const SEEN_WITHIN_MS = 120_000;
/** Of `temporal.api.enums.v1.TaskQueueType`. */
const KIND = { workflow: 1, activity: 2 } as const;

/** How many workers asked for tasks of each queue lately. Throws where Temporal does not answer. */
export async function countPollers(client: TemporalClient): Promise<Readonly<Record<string, number>>> {
  const counts = await Promise.all(
    Object.values(TASK_QUEUES).map(async (name): Promise<[string, number]> => {
      const { pollers } = await client.withDeadline(Date.now() + WITHIN_MS, () =>
        client.workflowService.describeTaskQueue({
          namespace: client.options.namespace,
          taskQueue: { name },
          taskQueueType: name === TASK_QUEUES.actions ? KIND.workflow : KIND.activity,
        }),
      );
      const lately = (pollers ?? []).filter(
        ({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < SEEN_WITHIN_MS,
      );
      return [name, lately.length];
    }),
  );
  return Object.fromEntries(counts);
}
