import { type WorkflowHandle } from '@temporalio/client';
import { waitUntil } from '../../stack/wait-until';

/** Until the workflow has run with the knowledge that somebody asked to cancel it. */
export async function untilHeard(run: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  const heard = async (): Promise<boolean> => {
    const events = (await run.fetchHistory()).events ?? [];
    const asked = events.findLastIndex((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
    return asked >= 0 && events.slice(asked).some((event) => event.workflowTaskCompletedEventAttributes != null);
  };
  await waitUntil(heard, { what: 'The workflow did not hear of it', withinMs: 20_000 });
}
