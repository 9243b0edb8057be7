import { type WorkflowStartOptions } from '@temporalio/client';
import { type AgentLifecycleInput } from '../workflows/contract/messages';
import { agentWorkflowId } from '../workflows/contract/names';
import { searchAttributes, START_OPTIONS } from './start-options';

export type AgentLifecycle = (input: AgentLifecycleInput) => Promise<unknown>;

/** One generation of an agent as Temporal shall know it. */
export interface AgentStart extends AgentLifecycleInput {
  readonly team: string;
}

/** Start options of `agentLifecycle`. */
export function agentStartOptions(start: AgentStart): WorkflowStartOptions<AgentLifecycle> {
  const { tenant, agent, generation, team } = start;
  return {
    ...START_OPTIONS,
    workflowId: agentWorkflowId(tenant, agent, generation),
    args: [{ tenant, agent, generation }],
    typedSearchAttributes: searchAttributes({ tenantId: tenant, agentId: agent, teamId: team }),
    staticSummary: `agent ${agent}`,
    staticDetails: `Who owns it, what it is made of and what it did: \`countersign agents show ${agent}\``,
  };
}
