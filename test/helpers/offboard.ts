import { Pool } from 'pg';
import { moveAgent, type MoveResult } from '../../db/change-agents';
import { withTenant } from '../../db/with-tenant';
import { type Spine } from './spine';

/** Takes the demo's agent out of service, as bob, who is made an operator for it. */
export async function offboard({ database }: Pick<Spine, 'database'>, agent: string): Promise<MoveResult> {
  const owner = new Pool({ connectionString: database.superuserUrl, max: 1 });
  const gateway = new Pool({ connectionString: database.gatewayUrl, max: 1 });
  try {
    await owner.query(
      `update people set roles = array_remove(roles, 'operator') || '{operator}'::text[] where person = 'bob'`,
    );
    return await withTenant(gateway, 'demo', (client) =>
      moveAgent(client, 'demo', { actor: 'bob', reason: 'The pilot is over.' }, agent, 'offboard'),
    );
  } finally {
    await Promise.all([owner.end(), gateway.end()]);
  }
}
