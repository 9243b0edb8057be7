import { type PoolClient } from 'pg';
import { type Borrower } from '../db/claim-grant';
import { findAgent } from '../db/find-agent';
import { type StoredAction } from '../db/find-action';
import { type AgentCaller } from './caller';
import { findOwnAction } from './find-own-action';
import { RequestRefused } from './request-refused';

/** The action of a grant, whose id begins with that of its action, and as whom the guards ask for it. Another agent's is not found. */
export async function findOwnGrant(
  client: PoolClient,
  caller: AgentCaller,
  grantId: string,
): Promise<{ readonly action: StoredAction; readonly borrower: Borrower }> {
  const action = await findOwnAction(client, caller, grantId.split('.')[0] ?? '');
  const agent = await findAgent(client, caller.tenant, caller.id);
  if (agent === undefined) throw new RequestRefused('not_found');
  return { action, borrower: { agent: agent.id, generation: agent.generation } };
}
