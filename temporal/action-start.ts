import { type WorkflowStartOptions } from '@temporalio/client';
import { type WorkflowIdConflictPolicy } from '@temporalio/common';
import { type GovernedActionInput } from '../workflows/contract/messages';
import { actionWorkflowId } from '../workflows/contract/names';
import { searchAttributes, START_OPTIONS } from './start-options';

/** One action as Temporal shall know it. Whoever starts it, gateway or outbox, says the same. */
export interface ActionStart extends GovernedActionInput {
  /** What it is found by in Temporal from the start; the workflow itself keeps the state, the bundle and whom it waits on. */
  readonly labels: {
    readonly agentId: string;
    readonly actionType: string;
    readonly riskClass: string;
    readonly teamId: string;
  };
  /** One line for the UI, encrypted like every payload: what runs, for whom. At most 200 bytes. */
  readonly summary: string;
}

export type GovernedAction = (input: GovernedActionInput) => Promise<unknown>;

/** With the conflict policy stated, as update-with-start asks for it. */
type StartOptions = WorkflowStartOptions<GovernedAction> & { workflowIdConflictPolicy: WorkflowIdConflictPolicy };

/** Start options of `governedAction`. */
export function actionStartOptions({ tenant, actionId, labels, summary }: ActionStart): StartOptions {
  return {
    ...START_OPTIONS,
    workflowId: actionWorkflowId(tenant, actionId),
    args: [{ tenant, actionId }],
    typedSearchAttributes: searchAttributes({ tenantId: tenant, ...labels, actionState: 'received' }),
    staticSummary: summary,
    staticDetails: `What exactly it asks for, who decided and how it ended: \`countersign actions show ${actionId}\``,
  };
}
