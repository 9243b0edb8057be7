import { type DecidingDeps, type StepRef } from './deps';

/** How access of an agent's own stands. `over`: nothing may be done with it any more. */
export type AccessState =
  | { readonly kind: 'wait'; readonly wakeInMs: number; readonly waitingOn: readonly string[] }
  | { readonly kind: 'mint' }
  | { readonly kind: 'over' };

/** Looks whether a claim waits for its credential, or the access is over; by database time. */
export function createReadAccess({ db }: Pick<DecidingDeps, 'db'>) {
  return async function readAccess({ tenant, actionId, stepId }: StepRef): Promise<AccessState> {
    return await db.withTenant(tenant, async (client): Promise<AccessState> => {
      const grant = await db.loadLentGrant(client, tenant, actionId, stepId);
      if (grant === undefined || grant.ended !== null) return { kind: 'over' };
      if (grant.mintDue) return { kind: 'mint' };
      const waitingOn = [`agent:${grant.agent}`];
      await db.markAction(client, tenant, actionId, 'executing', waitingOn);
      return { kind: 'wait', wakeInMs: Math.max(1, grant.leftMs), waitingOn };
    });
  };
}
