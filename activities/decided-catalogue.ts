import { type ActionRecord } from '../db/load-action';
import { type Catalogue } from '../domain/documents';
import { type DecidingDeps } from './deps';

/**
 * The catalogue that an action was decided under: what was begun is asked after, undone and settled as it was begun,
 * whatever bundle is in force by now. Whether anything more may begin is asked of the bundle in force.
 */
export async function decidedCatalogue(
  { pdp, catalogueOf }: Pick<DecidingDeps, 'pdp' | 'catalogueOf'>,
  { decidedUnder }: Pick<ActionRecord, 'decidedUnder'>,
): Promise<Catalogue> {
  const { bundle, catalogue } = pdp();
  if (decidedUnder === null || decidedUnder === bundle.digest) return catalogue;
  return (await catalogueOf(decidedUnder)) ?? catalogue;
}
