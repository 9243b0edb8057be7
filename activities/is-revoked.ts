import { type DecidingDeps, type StepRef } from './deps';

/** Whether no credential of a step is alive, by the table: of none of its attempts, nor of any at taking it back. */
export function createIsRevoked({ db }: Pick<DecidingDeps, 'db'>) {
  return async function isRevoked({ tenant, actionId, stepId }: StepRef): Promise<boolean> {
    const live = await db.readAsTenant(tenant, (client) => db.liveGrants(client, tenant, actionId));
    return live.every(({ step }) => step !== stepId);
  };
}
