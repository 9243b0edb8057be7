import { TASK_QUEUES } from '../workflows/contract/names';
import { type TemporalClient } from './connect';
import { livingPollers } from './living-pollers';

const WITHIN_MS = 1_000;

/** How many workers asked for tasks of each queue lately. Throws where Temporal does not answer. */
export async function countPollers(client: TemporalClient): Promise<Readonly<Record<string, number>>> {
  const counts = await Promise.all(
    Object.values(TASK_QUEUES).map(async (queue): Promise<[string, number]> => {
      const pollers = await client.withDeadline(Date.now() + WITHIN_MS, () => livingPollers(client, queue));
      return [queue, pollers.length];
    }),
  );
  return Object.fromEntries(counts);
}
