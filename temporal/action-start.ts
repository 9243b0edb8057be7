import { type WorkflowStartOptions } from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import { type GovernedActionInput } from '../workflows/contract/messages';
import { TASK_QUEUES, actionWorkflowId } from '../workflows/contract/names';
import { type ActionLabels, initialSearchAttributes } from './search-attributes';

/** A workflow task runs an action's local activities, all short; a worker that dies in one is noticed after this time. */
const WORKFLOW_TASK_TIMEOUT_MS = 5_000;

/** One action as Temporal shall know it. Whoever starts it, gateway or outbox, says the same. */
export interface ActionStart extends GovernedActionInput {
  readonly labels: ActionLabels;
  /** One line for the UI, encrypted like every payload: what runs, for whom. At most 200 bytes. */
  readonly summary: string;
}

export type GovernedAction = (input: GovernedActionInput) => Promise<unknown>;

/** With the conflict policy stated, as update-with-start asks for it. */
type StartOptions = WorkflowStartOptions<GovernedAction> & { workflowIdConflictPolicy: WorkflowIdConflictPolicy };

/**
 * Start options of `governedAction`. One id makes one workflow, whoever comes first and however often. An id whose workflow came to its end
 * stays used; one that was terminated by hand is started again, and goes on from what Postgres holds.
 * No time-out on the workflow: it would end it without its revocations.
 */
export function actionStartOptions(action: ActionStart): StartOptions {
  const { tenant, actionId, labels, summary } = action;
  return {
    workflowId: actionWorkflowId(tenant, actionId),
    taskQueue: TASK_QUEUES.actions,
    args: [{ tenant, actionId }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
    typedSearchAttributes: initialSearchAttributes(tenant, labels),
    staticSummary: summary,
    staticDetails: `What exactly it asks for, who decided and how it ended: \`countersign actions show ${actionId}\``,
  };
}
