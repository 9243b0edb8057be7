import { ApplicationFailure } from '@temporalio/common';
import { type PoolClient } from 'pg';
import { type Pdp } from '../pdp/create-pdp';
import { type Database } from './deps';

/** Others hold the newer one already, so waiting longer and longer helps nobody; where none does, a try costs a few queries. */
const TRY_AGAIN_AFTER_MS = 1_000;

/** Leaves what is asked to a worker that holds the bundle in force, which takes one of the next tries. */
export function bundleStale(): ApplicationFailure {
  const message = 'this worker holds an older bundle than the one in force';
  return ApplicationFailure.create({ message, type: 'bundle_stale', nextRetryDelay: TRY_AGAIN_AFTER_MS });
}

/** Rejects where another bundle than this one is in force: nothing is denied by an older one, nor decided anew. */
export async function insistInForce(
  db: Pick<Database, 'isSuperseded'>,
  client: PoolClient,
  { bundle }: Pick<Pdp, 'bundle'>,
): Promise<void> {
  if (await db.isSuperseded(client, bundle.digest)) throw bundleStale();
}
