import { type LiveGrant } from '../db/live-grants';
import { LIMITS } from '../domain/limits';
import { TARGET_UNKNOWN } from '../domain/provider';
import { decidedCatalogue } from './decided-catalogue';
import { type TouchingDeps } from './deps';
import { grantEnded, taskOpened } from './entries';

/** Tries once to end one credential, whoever asks: the action that used it, or the reaper long after. True: it is dead. */
export function createEndGrant({
  db,
  pdp,
  catalogueOf,
  providers,
}: Pick<TouchingDeps, 'db' | 'pdp' | 'catalogueOf' | 'providers'>) {
  return async function endGrant(tenant: string, grant: LiveGrant): Promise<boolean> {
    const { grantId } = grant;
    // Where it was made, whatever bundle is in force by now.
    const { targets } = await decidedCatalogue({ pdp, catalogueOf }, grant);
    const target = targets[grant.target];
    // That its time is over tells nothing: at a database a session outlives its login. Only its provider can say that it is dead.
    const result =
      target === undefined
        ? ({ kind: 'live', code: TARGET_UNKNOWN } as const)
        : await providers[target.provider].revoke({ grantId, target, expired: grant.expired });
    const overdue = result.kind === 'live' && grant.revokeAttempts + 1 >= LIMITS.revocationsBeforeTask;
    const trouble = { actionId: grant.action, step: grant.step, kind: 'revocation_overdue', grantId } as const;
    const task = db.taskIdOf(trouble);
    // In a transaction of its own: it takes the ledger, and whoever found the credential dead meanwhile has its row and wants the ledger.
    if (overdue) await quarantine(tenant, grantId, task);
    await db.withTenant(tenant, async (client) => {
      const noted = await db.recordRevocation(client, tenant, grantId, result);
      const asks = overdue && noted;
      if (asks) await db.openTask(client, tenant, trouble);
      const late = {
        key: `grant/${grantId}/overdue`,
        event: 'grant.overdue',
        entry: { grant: grantId, action: grant.action },
      };
      await db.appendWithin(client, tenant, [
        ...(asks ? [late, taskOpened(task, trouble)] : []),
        ...(result.kind === 'live' ? [] : [grantEnded(grantId, result.kind)]),
      ]);
    });
    return result.kind !== 'live';
  };

  async function quarantine(tenant: string, grantId: string, task: string): Promise<void> {
    await db.withTenant(tenant, async (client) => await db.quarantineHolder(client, tenant, grantId, task));
  }
}
