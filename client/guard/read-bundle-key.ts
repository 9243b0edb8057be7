import { readFile } from 'node:fs/promises';

/** The key that the agent trusts, from the agent's own side: one that came with the bundle would prove nothing. */
export async function readBundleKey(pemOrPath: string | undefined): Promise<string> {
  if (pemOrPath === undefined || pemOrPath === '')
    throw new Error(
      'guard runs nothing without the public key of bundles: set COUNTERSIGN_BUNDLE_KEY (PEM, or the path of bundle.pub.pem).',
    );
  return pemOrPath.includes('-----BEGIN') ? pemOrPath : await readFile(pemOrPath, 'utf8');
}
