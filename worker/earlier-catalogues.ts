import { type Pool } from 'pg';
import { findBundle } from '../db/find-bundle';
import { type Catalogue } from '../domain/documents';
import { openBundle } from '../pdp/open-bundle';

/** Bundles change a few times a day, and actions end within days; more would only fill memory. */
const KEPT = 16;

/** Catalogues of bundles that were in force before, for actions decided under them. `undefined`: that bundle was never activated here. */
export function createEarlierCatalogues(
  pool: Pool,
  publicKeyPem: string,
): (bundleDigest: string) => Promise<Catalogue | undefined> {
  const known = new Map<string, Catalogue>();
  return async (digest) => {
    const kept = known.get(digest);
    if (kept !== undefined) return kept;
    const signed = await findBundle(pool, digest);
    if (signed === undefined) return undefined;
    const { catalogue } = openBundle(signed, publicKeyPem);
    const [oldest] = known.keys();
    if (known.size >= KEPT && oldest !== undefined) known.delete(oldest);
    known.set(digest, catalogue);
    return catalogue;
  };
}
