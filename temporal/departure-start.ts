import { type WorkflowStartOptions } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import { type DepartureInput } from '../workflows/contract/messages';
import { departureWorkflowId, SEARCH_ATTRIBUTES, TASK_QUEUES } from '../workflows/contract/names';

const TENANT_ID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.tenantId, SearchAttributeType.KEYWORD);

export type DepartureWorkflow = (input: DepartureInput) => Promise<void>;

/** As for an action: one id makes one workflow, however often it is asked for; one that was terminated by hand is started again. */
export function departureStartOptions({ tenant, departure }: DepartureInput): WorkflowStartOptions<DepartureWorkflow> {
  return {
    workflowId: departureWorkflowId(tenant, departure),
    taskQueue: TASK_QUEUES.actions,
    args: [{ tenant, departure }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowTaskTimeout: '5 seconds',
    typedSearchAttributes: [{ key: TENANT_ID, value: tenant }],
    staticSummary: 'somebody left',
    staticDetails: 'Who, and what became of their agents: `countersign people departure <person>`',
  };
}
