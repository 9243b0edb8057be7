import { type FailureCode } from '../domain/failures';
import { type Pdp } from '../pdp/create-pdp';
import { type DecidingDeps } from './deps';
import { insistInForce } from './insist-in-force';
import { type Stopped } from './results';

/** Stops an action for what a bundle says of it or does not know of it; the bundle in force alone may. */
export function createDenyByBundle({ db }: Pick<DecidingDeps, 'db'>) {
  return async function denyByBundle(point: Pdp, tenant: string, code: FailureCode): Promise<Stopped> {
    await db.readAsTenant(tenant, (client) => insistInForce(db, client, point));
    return { kind: 'stopped', stopped: 'denied', code };
  };
}
