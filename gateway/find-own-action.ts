import { type PoolClient } from 'pg';
import { findAction, type StoredAction } from '../db/find-action';
import { findAgent } from '../db/find-agent';
import { type AgentCaller } from './caller';
import { RequestRefused } from './request-refused';

/** The action, if this agent asked for it in its present generation. Another's is not found. */
export async function findOwnAction(client: PoolClient, caller: AgentCaller, id: string): Promise<StoredAction> {
  const [agent, action] = await Promise.all([
    findAgent(client, caller.tenant, caller.id),
    findAction(client, caller.tenant, id),
  ]);
  if (action === undefined || action.agent !== agent?.id || action.agentGeneration !== agent.generation)
    throw new RequestRefused('not_found');
  return action;
}
