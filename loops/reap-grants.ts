import { type Pool } from 'pg';
import { type createEndGrant } from '../activities/end-grant';
import { enqueueWake } from '../db/enqueue-wake';
import { inTransaction } from '../db/in-transaction';
import { type OverdueGrant, takeOverdueGrants } from '../db/live-grants';
import { withTenant } from '../db/with-tenant';

/**
 * The action that used a credential ends it itself; the reaper comes after it, for those whose workflow is gone. Nobody waits for one that an
 * agent holds: it ends with the next round.
 */
const GRACE_MS = 10_000;

/** As many revocations at once as a target takes without noticing. */
const AT_ONCE = 10;

/** By then its workflow was told by whoever took the grant, or that process is dead: as long as a taken grant has its next turn put off. */
const TOLD_WITHIN_MS = 30_000;

/** Ends credentials that outlived their time, from the table alone: it needs neither their workflow nor Temporal. */
export function createReapGrants(pool: Pool, endGrant: ReturnType<typeof createEndGrant>) {
  return async function reapGrants(): Promise<boolean> {
    // No lock is held while targets are asked.
    const grants = await inTransaction(pool, async (client) => {
      const taken = await takeOverdueGrants(client, GRACE_MS, AT_ONCE);
      // Written before it is ended: a process that dies right after that has told nobody, and nothing else would before the lease is over. With the
      // first try alone: once woken, a workflow tries for itself.
      for (const { tenant, action, lent, revokeAttempts } of taken)
        if (lent && revokeAttempts === 0) await enqueueWake(client, tenant, action, TOLD_WITHIN_MS);
      return taken;
    });
    await Promise.all(grants.map(end));
    // What fails has its next turn later: a target that is away does not keep others waiting behind it.
    return grants.length > 0;
  };

  async function end({ tenant, lent, ...grant }: OverdueGrant): Promise<void> {
    const dead = await endGrant(tenant, grant);
    // Whatever ended it may have told nobody: a fence wakes no workflow.
    if (dead && lent)
      await withTenant(pool, tenant, async (client) => void (await enqueueWake(client, tenant, grant.action, 0)));
  }
}
