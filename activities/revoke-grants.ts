import { ApplicationFailure } from '@temporalio/common';
import { type ActionRef, type TouchingDeps } from './deps';
import { createEndGrant } from './end-grant';

/**
 * Ends every credential of an action that is still alive. Rejects while one is: it is retried for ever, on a queue of its
 * own, and a person is told when that takes long. There is no state in which it was given up.
 */
export function createRevokeGrants(deps: TouchingDeps) {
  const { db } = deps;
  const endGrant = createEndGrant(deps);

  return async function revokeGrants({ tenant, actionId }: ActionRef): Promise<void> {
    const grants = await db.withTenant(tenant, async (client) => await db.liveGrants(client, tenant, actionId));
    const ended = await Promise.all(grants.map(async (grant) => await endGrant(tenant, grant)));
    if (ended.some((dead) => !dead))
      throw ApplicationFailure.retryable(`a credential is still alive; trying on`, 'grant_live');
  };
}
