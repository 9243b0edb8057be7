import { type SearchAttributePair, SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/names';

const { KEYWORD } = SearchAttributeType;

const TENANT_ID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.tenantId, KEYWORD);
const AGENT_ID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.agentId, KEYWORD);
const ACTION_TYPE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.actionType, KEYWORD);
const ACTION_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.actionState, KEYWORD);
const RISK_CLASS = defineSearchAttributeKey(SEARCH_ATTRIBUTES.riskClass, KEYWORD);
const TEAM_ID = defineSearchAttributeKey(SEARCH_ATTRIBUTES.teamId, KEYWORD);

/** What an action is found by in Temporal. Readable by everyone who may list workflows: ids and classes only. */
export interface ActionLabels {
  readonly agentId: string;
  readonly actionType: string;
  readonly riskClass: string;
  readonly teamId: string;
}

/** Those that are known before the workflow runs; the workflow itself keeps the state, the bundle and whom it waits on. */
export function initialSearchAttributes(tenant: string, labels: ActionLabels): SearchAttributePair[] {
  return [
    { key: TENANT_ID, value: tenant },
    { key: AGENT_ID, value: labels.agentId },
    { key: ACTION_TYPE, value: labels.actionType },
    { key: ACTION_STATE, value: 'received' },
    { key: RISK_CLASS, value: labels.riskClass },
    { key: TEAM_ID, value: labels.teamId },
  ];
}
