import { type PoolClient } from 'pg';
import { listAgents, type ListedAgent } from '../db/list-agents';
import { withTenant } from '../db/with-tenant';
import { type FailureCode } from '../domain/failures';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';

/** What a database function answered that may refuse. */
type MayRefuse = string | object;

/** Makes a change and answers with what it answered. @throws RequestRefused, which ends the transaction too */
export async function changed<T extends MayRefuse>(
  { pool }: Pick<GatewayDeps, 'pool'>,
  tenant: string,
  change: (client: PoolClient) => Promise<T>,
): Promise<Exclude<T, { readonly refused: string }>> {
  return await withTenant(pool, tenant, async (client) => accepted(await change(client)));
}

/** The agent as it is now. @throws RequestRefused */
export async function agentNow({ pool }: Pick<GatewayDeps, 'pool'>, tenant: string, id: string): Promise<ListedAgent> {
  const [found] = await withTenant(pool, tenant, (client) => listAgents(client, tenant, { agent: id, limit: 1 }));
  if (found === undefined) throw new RequestRefused('not_found');
  return found;
}

/** `done`, and `unchanged`, for what was so already is as good as done; everything else that is one word is why not. */
function accepted<T extends MayRefuse>(result: T): Exclude<T, { readonly refused: string }> {
  if (typeof result === 'string' && result !== 'done' && result !== 'unchanged')
    throw new RequestRefused(result as FailureCode);
  if (typeof result === 'object' && 'refused' in result) throw new RequestRefused(result.refused as FailureCode);
  return result as Exclude<T, { readonly refused: string }>;
}
