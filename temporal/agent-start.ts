import { type WorkflowStartOptions } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import { type AgentLifecycleInput } from '../workflows/contract/messages';
import { agentWorkflowId, SEARCH_ATTRIBUTES, TASK_QUEUES } from '../workflows/contract/names';

const { KEYWORD } = SearchAttributeType;
const TENANT_ID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.tenantId, KEYWORD);
const AGENT_ID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.agentId, KEYWORD);
const TEAM_ID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.teamId, KEYWORD);

export type AgentLifecycle = (input: AgentLifecycleInput) => Promise<unknown>;

/** One generation of an agent as Temporal shall know it. */
export interface AgentStart extends AgentLifecycleInput {
  readonly team: string;
}

/** As for an action: one id makes one workflow, however often it is asked for; one that was terminated by hand is started again. */
export function agentStartOptions({
  tenant,
  agent,
  generation,
  team,
}: AgentStart): WorkflowStartOptions<AgentLifecycle> {
  return {
    workflowId: agentWorkflowId(tenant, agent, generation),
    taskQueue: TASK_QUEUES.actions,
    args: [{ tenant, agent, generation }],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
    workflowTaskTimeout: '5 seconds',
    typedSearchAttributes: [
      { key: TENANT_ID, value: tenant },
      { key: AGENT_ID, value: agent },
      { key: TEAM_ID, value: team },
    ],
    staticSummary: `agent ${agent}`,
    staticDetails: `Who owns it, what it is made of and what it did: \`countersign agents show ${agent}\``,
  };
}
