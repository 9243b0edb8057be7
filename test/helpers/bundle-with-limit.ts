import { type SignedBundle } from '../../pdp/bundle-format';
import { newerBundle } from './newer-bundle';
import { type Spine } from './spine';

/** A newer bundle than the spine's, of the same policies but for what finance may pay in euros without being asked. */
export async function bundleWithLimit(spine: Pick<Spine, 'home'>, limitMinor: number): Promise<SignedBundle> {
  const limit = (minor: number): string => `{ EUR: ${String(minor)},`;
  return await newerBundle(spine, { file: 'data/limits.yaml', from: limit(100_000), to: limit(limitMinor) });
}
