import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundle } from '../../bundle/build-bundle';
import { packageRoot } from '../../config/paths';
import { type SignedBundle } from '../../pdp/bundle-format';
import { type Spine } from './spine';

/** A newer bundle than the spine's, of the same policies but for what finance may pay in euros without being asked. */
export async function bundleWithLimit({ home }: Pick<Spine, 'home'>, limitMinor: number): Promise<SignedBundle> {
  const directory = join(home, `policies-${String(limitMinor)}`);
  cpSync(join(packageRoot(), 'demo', 'policies'), directory, { recursive: true });
  const limits = join(directory, 'data', 'limits.yaml');
  const before = readFileSync(limits, 'utf8');
  writeFileSync(limits, before.replace('{ EUR: 100000,', `{ EUR: ${String(limitMinor)},`));
  expect(readFileSync(limits, 'utf8')).not.toBe(before);
  const { manifest } = JSON.parse(readFileSync(join(home, 'bundle.json'), 'utf8')) as SignedBundle;
  return await buildBundle({
    directory,
    privateKeyPem: readFileSync(join(home, 'keys', 'bundle.key.pem'), 'utf8'),
    version: manifest.version + 10,
  });
}
