import { type ActionRecord } from '../db/load-action';
import { type DecidingDeps } from './deps';

/** What a workflow that was started again does not remember. */
export interface BegunBefore {
  /** Steps that may stand at their targets, in the order in which they were begun. */
  readonly begun?: readonly string[];
  /** Whether a credential of the action may be alive. */
  readonly live?: true;
}

export function createBegunBefore({ db }: Pick<DecidingDeps, 'db'>) {
  return async function begunBefore({ tenant, action }: ActionRecord): Promise<BegunBefore> {
    const [effects, live] = await db.readAsTenant(tenant, (client) =>
      Promise.all([db.loadEffects(client, tenant, action), db.liveGrants(client, tenant, action)]),
    );
    const begun = effects.flatMap(({ step, kind, state }) => (kind === 'do' && state !== 'absent' ? [step] : []));
    return { ...(begun.length > 0 && { begun }), ...(live.length > 0 && { live: true }) };
  };
}
