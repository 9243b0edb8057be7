import { readFile } from 'node:fs/promises';
import { BundleRefused } from './bundle-refused';
import { createPdp, type Pdp } from './create-pdp';
import { openBundle } from './open-bundle';

/**
 * Opens the bundle in a file and starts a decision point on it.
 *
 * @throws BundleRefused
 */
export async function loadPdp(path: string, publicKeyPem: string): Promise<Pdp> {
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (error) {
    throw new BundleRefused(
      'unreadable',
      `${path} cannot be read. Build it with: countersign policy build <directory> -o ${path}`,
      { cause: error },
    );
  }
  return createPdp(openBundle(file, publicKeyPem));
}
