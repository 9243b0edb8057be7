import { digestOf } from '../../evidence/digest-of';
import { type DecidingDeps } from '../deps';
import { type AgentRef } from './agent-ref';

/**
 * Says in the ledger that nothing is left of the agent, with the digest of everything that was found. False: something is left after all. Done
 * again, it finds the agent offboarded.
 */
export function createIssueReceipt({ db }: Pick<DecidingDeps, 'db'>) {
  return async function issueReceipt({ tenant, agent, generation }: AgentRef): Promise<{ readonly issued: boolean }> {
    return await db.withTenant(tenant, async (client) => {
      const content = await db.draftReceipt(client, tenant, agent, generation);
      if (content === undefined) return { issued: true };
      const receipt = { content, digest: digestOf('receipt', content) };
      return { issued: await db.finishOffboarding(client, tenant, agent, generation, receipt) };
    });
  };
}
