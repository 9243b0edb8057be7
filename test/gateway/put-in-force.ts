import { buildBundle } from '../../bundle/build-bundle';
import { type SignedBundle } from '../../pdp/bundle-format';
import { type Files, opa, policyDirectory } from '../bundle/policy-directory';
import { type Harness } from './harness';

/** Builds a bundle of these files, signed as the gateway expects, and puts it in force as a worker would. */
export async function putInForce(h: Harness, files: Files, version: number): Promise<SignedBundle> {
  const bundle = await buildBundle({
    directory: await policyDirectory(files),
    privateKeyPem: h.bundleKeys.privateKey,
    version,
    opaPath: opa,
  });
  await h.superuser.query('select activate_bundle($1, $2, $3)', [
    bundle.manifest.digest,
    version,
    JSON.stringify(bundle),
  ]);
  return bundle;
}
