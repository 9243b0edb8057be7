import { listPendingWakes } from '../db/list-pending-wakes';
import { markWoken } from '../db/mark-woken';
import { readAsTenant } from '../db/read-as-tenant';
import { withTenant } from '../db/with-tenant';
import { type GatewayDeps, type StartableAction } from './deps';

/** The gateway wakes at once; this long after, the outbox does it instead. */
export const WAKE_GRACE_MS = 3_000;

/**
 * Tells the workflow at once that something was committed, and takes what that delivers out of the outbox; which sends it if this fails.
 * Not waited for: whoever voted has their answer with the commit.
 */
export function wakeNow(deps: Omit<GatewayDeps, 'pages'>, action: StartableAction): void {
  const { tenant, actionId } = action;
  void deps.background.run('wake', async () => {
    const ids = await readAsTenant(deps.pool, tenant, (client) => listPendingWakes(client, tenant, actionId));
    if (ids.length === 0) return;
    // Of one that has ended, the outbox finds out whether it should have.
    if ((await deps.wake(action)) === 'closed') return;
    await withTenant(deps.pool, tenant, (client) => markWoken(client, tenant, ids));
  });
}
