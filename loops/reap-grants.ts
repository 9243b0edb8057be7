import { type Pool } from 'pg';
import { type createEndGrant } from '../activities/end-grant';
import { inTransaction } from '../db/in-transaction';
import { takeOverdueGrants } from '../db/live-grants';

/** The action that used a credential ends it itself; the reaper comes after it, for those whose workflow is gone. */
const GRACE_MS = 10_000;

/** As many revocations at once as a target takes without noticing. */
const AT_ONCE = 10;

/** Ends credentials that outlived their time, from the table alone: it needs neither their workflow nor Temporal. */
export function createReapGrants(pool: Pool, endGrant: ReturnType<typeof createEndGrant>) {
  return async function reapGrants(): Promise<boolean> {
    // No lock is held while targets are asked.
    const grants = await inTransaction(pool, async (client) => await takeOverdueGrants(client, GRACE_MS, AT_ONCE));
    const ended = await Promise.all(grants.map(async ({ tenant, ...grant }) => await endGrant(tenant, grant)));
    return ended.includes(true);
  };
}
