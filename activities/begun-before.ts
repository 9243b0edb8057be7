import { type ActionRecord } from '../db/load-action';
import { type DecidingDeps } from './deps';

/** Steps that may stand at their targets, in the order in which they were begun: a workflow that was started again does not remember them. */
export interface BegunBefore {
  readonly begun?: readonly string[];
}

export function createBegunBefore({ db }: Pick<DecidingDeps, 'db'>) {
  return async function begunBefore({ tenant, action }: ActionRecord): Promise<BegunBefore> {
    const effects = await db.readAsTenant(tenant, (client) => db.loadEffects(client, tenant, action));
    const begun = effects.flatMap(({ step, kind, state }) => (kind === 'do' && state !== 'absent' ? [step] : []));
    return begun.length === 0 ? {} : { begun };
  };
}
