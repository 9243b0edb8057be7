import { enqueueWake } from '../db/enqueue-wake';
import { type StoredAction } from '../db/find-action';
import { appendWithin } from '../db/ledger';
import { requestCancel } from '../db/request-cancel';
import { withTenant } from '../db/with-tenant';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';
import { startable } from './start-action';
import { WAKE_GRACE_MS, wakeNow } from './wake-now';

/** Asks that an action end before anything happens. Asking again is the same question. @param by `agent:<id>` or `person:<id>` */
export async function askToCancel(
  deps: GatewayDeps,
  tenant: string,
  action: StoredAction,
  by: string,
  reason: string | undefined,
): Promise<void> {
  if (action.settledAt !== null) throw new RequestRefused('action_closed');
  const asked = await withTenant(deps.pool, tenant, async (client) => {
    if (!(await requestCancel(client, tenant, action.id, by))) return false;
    await enqueueWake(client, tenant, action.id, WAKE_GRACE_MS);
    const entry = { action: action.id, by };
    await appendWithin(client, tenant, [
      {
        key: `action/${action.id}/cancel_requested`,
        event: 'action.cancel_requested',
        entry,
        ...(reason !== undefined && { body: { reason } }),
      },
    ]);
    return true;
  });
  if (asked) wakeNow(deps, startable(tenant, action));
}
