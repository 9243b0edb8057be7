import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineQuery, defineSignal, setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { type AgentState } from '../domain/agent-life';
import { SEARCH_ATTRIBUTES, STATUS_QUERY, WAKE_SIGNAL } from './contract/names';

const wakeSignal = defineSignal(WAKE_SIGNAL);
const statusQuery = defineQuery<{ readonly state: AgentState | 'unknown' }>(STATUS_QUERY);
const AGENT_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.agentState, SearchAttributeType.KEYWORD);

export interface AgentProgress {
  /** How often something was written in Postgres for this agent. */
  wakes(): number;
  /** Says in the Temporal UI where the agent is, and on whom it waits. */
  enter(state: AgentState, details: string): void;
}

export function setupAgent(): AgentProgress {
  let wakes = 0;
  let state: AgentState | 'unknown' = 'unknown';
  setHandler(wakeSignal, () => void wakes++);
  setHandler(statusQuery, () => ({ state }));
  return {
    wakes: () => wakes,
    enter: (next, details) => {
      setCurrentDetails(details);
      if (next === state) return; // each time is an event in the history
      state = next;
      upsertSearchAttributes([{ key: AGENT_STATE, value: next }]);
    },
  };
}
