import { type Pool, type PoolClient } from 'pg';
import { type createEndGrant } from '../activities/end-grant';
import { enqueueWake } from '../db/enqueue-wake';
import { hastenWake } from '../db/hasten-wake';
import { inTransaction } from '../db/in-transaction';
import { type OverdueGrant, takeOverdueGrants } from '../db/live-grants';
import { markWoken } from '../db/mark-woken';
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

interface Taken extends OverdueGrant {
  /** The wake-up of its workflow; where nobody waits, none. */
  readonly wake?: string;
}

/** Ends credentials that outlived their time, from the table alone: it needs neither their workflow nor Temporal. */
export function createReapGrants(pool: Pool, endGrant: ReturnType<typeof createEndGrant>) {
  return async function reapGrants(): Promise<boolean> {
    // No lock is held while targets are asked.
    const grants = await inTransaction(pool, take);
    await Promise.all(grants.map(end));
    // What fails has its next turn later: a target that is away does not keep others waiting behind it.
    return grants.length > 0;
  };

  async function take(client: PoolClient): Promise<readonly Taken[]> {
    const taken: Taken[] = [];
    for (const grant of await takeOverdueGrants(client, GRACE_MS, AT_ONCE)) {
      const { tenant, action, lent } = grant;
      // Whatever ended it may have told nobody: a fence wakes no workflow. Written before the credential is ended, so that a process which dies
      // right after that leaves it to be sent.
      taken.push(lent ? { ...grant, wake: await enqueueWake(client, tenant, action, TOLD_WITHIN_MS) } : grant);
    }
    return taken;
  }

  async function end({ tenant, wake, ...grant }: Taken): Promise<void> {
    const dead = await endGrant(tenant, grant);
    if (wake === undefined) return;
    // While it lives there is nothing to tell: its workflow would only try beside us.
    await withTenant(pool, tenant, (client) =>
      dead ? hastenWake(client, tenant, wake) : markWoken(client, tenant, [wake]),
    );
  }
}
