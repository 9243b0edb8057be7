import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { WAKE_SIGNAL, WORKFLOW_TYPES } from '../workflows/contract/names';
import { type ActionStart, actionStartOptions } from './action-start';
import { type TemporalClient } from './connect';

/** The outbox has more to do than to wait for one answer, and sends again what failed. */
const DEADLINE_MS = 5_000;

export interface Waker {
  /**
   * Starts the action's workflow unless it runs, and tells it that something was written in Postgres. Safe to repeat.
   * `closed`: it has ended, so there is nobody to tell, and the message is done too. Throws where Temporal does not answer.
   */
  wake(action: ActionStart): Promise<'woken' | 'closed'>;
}

export function createWaker(client: TemporalClient): Waker {
  const send = async (action: ActionStart): Promise<'woken' | 'closed'> => {
    try {
      await client.workflow.signalWithStart(WORKFLOW_TYPES.governedAction, {
        ...actionStartOptions(action),
        signal: WAKE_SIGNAL,
        signalArgs: [],
      });
      return 'woken';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed';
      throw error;
    }
  };
  return { wake: (action) => client.withDeadline(Date.now() + DEADLINE_MS, () => send(action)) };
}
