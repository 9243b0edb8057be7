import { type WorkflowStartOptions } from '@temporalio/client';
import { type DepartureInput } from '../workflows/contract/messages';
import { departureWorkflowId } from '../workflows/contract/names';
import { searchAttributes, START_OPTIONS } from './start-options';

export type DepartureWorkflow = (input: DepartureInput) => Promise<void>;

/** Start options of `departure`. */
export function departureStartOptions({ tenant, departure }: DepartureInput): WorkflowStartOptions<DepartureWorkflow> {
  return {
    ...START_OPTIONS,
    workflowId: departureWorkflowId(tenant, departure),
    args: [{ tenant, departure }],
    typedSearchAttributes: searchAttributes({ tenantId: tenant }),
    staticSummary: 'somebody left',
    staticDetails: 'Who, and what became of their agents: `countersign people departure <person>`',
  };
}
