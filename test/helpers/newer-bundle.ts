import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundle } from '../../bundle/build-bundle';
import { packageRoot } from '../../config/paths';
import { type SignedBundle } from '../../pdp/bundle-format';
import { type Spine } from './spine';

/** A newer bundle than the spine's, of the same policies but for one place in one file. */
export async function newerBundle(
  { home }: Pick<Spine, 'home'>,
  { file, from, to }: { readonly file: string; readonly from: string; readonly to: string },
): Promise<SignedBundle> {
  const directory = join(home, `policies-${to.replaceAll(/\W+/g, '-')}`);
  cpSync(join(packageRoot(), 'demo', 'policies'), directory, { recursive: true });
  const path = join(directory, file);
  const before = readFileSync(path, 'utf8');
  writeFileSync(path, before.replace(from, to));
  expect(readFileSync(path, 'utf8')).not.toBe(before);
  const { manifest } = JSON.parse(readFileSync(join(home, 'bundle.json'), 'utf8')) as SignedBundle;
  return await buildBundle({
    directory,
    privateKeyPem: readFileSync(join(home, 'keys', 'bundle.key.pem'), 'utf8'),
    version: manifest.version + 10,
  });
}
