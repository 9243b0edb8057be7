import {
  WithStartWorkflowOperation,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  isGrpcServiceError,
} from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ACTION_STATES, type ActionState } from '../domain/action';
import { type FirstAnswer } from '../workflows/contract/messages';
import { SUBMIT_UPDATE, SUBMIT_UPDATE_ID, WORKFLOW_TYPES } from '../workflows/contract/names';
import { type ActionStart, type GovernedAction, actionStartOptions } from './action-start';
import { type TemporalClient } from './connect';

/** gRPC's FAILED_PRECONDITION: the workflow has started, but its first task failed and runs again, and this wait was lost with it. */
const LOST_WAIT = 9;

/**
 * Starts the action's workflow unless it runs, and waits for its first answer, at most `waitMs`.
 * - `pending`: no answer in that time. The start stands, unless Temporal was out of reach for all of it; then the outbox repeats it.
 * - `closed`: it has ended without ever having been asked.
 *
 * The wait is one gRPC call with a deadline; giving it up leaves the workflow as it is. Throws where Temporal refuses or does not answer at all.
 */
export async function submitAction(
  client: TemporalClient,
  action: ActionStart,
  waitMs: number,
): Promise<FirstAnswer | 'pending' | 'closed'> {
  const startWorkflowOperation = new WithStartWorkflowOperation<GovernedAction>(
    WORKFLOW_TYPES.governedAction,
    actionStartOptions(action),
  );
  const update = { startWorkflowOperation, updateId: SUBMIT_UPDATE_ID, args: [] };
  try {
    const answer: unknown = await client.withDeadline(Date.now() + waitMs, () =>
      client.workflow.executeUpdateWithStart(SUBMIT_UPDATE, update),
    );
    return isFirstAnswer(answer) ? answer : 'pending';
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return 'pending';
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed';
    if (isGrpcServiceError(error) && Number(error.code) === LOST_WAIT) return 'pending';
    throw error;
  }
}

/** A refused payload, or an answer of a newer release, is no answer: Postgres has it. */
function isFirstAnswer(value: unknown): value is FirstAnswer {
  if (typeof value !== 'object' || value === null || !('state' in value)) return false;
  return ACTION_STATES.includes(value.state as ActionState);
}
