import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signBundle } from '../../bundle/sign-bundle';
import { canonicalJson } from '../../evidence/canonical-json';
import { digestOf } from '../../evidence/digest-of';
import { type Json } from '../../domain/json';
import { type SignedBundle } from '../../pdp/bundle-format';
import { BundleRefused } from '../../pdp/bundle-refused';
import { loadPdp } from '../../pdp/load-pdp';
import { openBundle } from '../../pdp/open-bundle';
import { build, INFRA, keys, newKeys, policyDirectory } from '../bundle/policy-directory';

let bundle: SignedBundle;
let text: string;

beforeAll(async () => {
  bundle = await build(INFRA, 7);
  text = JSON.stringify(bundle);
});

function refusal(file: string | Uint8Array, publicKeyPem = keys.publicKeyPem, atLeastVersion?: number): string {
  try {
    openBundle(file, publicKeyPem, atLeastVersion === undefined ? {} : { atLeastVersion });
  } catch (error) {
    if (error instanceof BundleRefused) return error.refusal;
    throw error;
  }
  return 'opened';
}

/** Signs anything, as a stolen or careless key would. */
function signed(content: unknown, version = 7): string {
  const manifest = { digest: digestOf('bundle', content as Json), version };
  const signature = sign(null, Buffer.from(canonicalJson(manifest)), createPrivateKey(keys.privateKeyPem)).toString(
    'base64',
  );
  return JSON.stringify({ format: bundle.format, manifest, signature, content });
}

it('opens what was signed', () => {
  const open = openBundle(text, keys.publicKeyPem);
  expect(open).toMatchObject({ digest: bundle.manifest.digest, version: 7 });
  expect(open.catalogue).toEqual(bundle.content.catalogue);
  expect(openBundle(Buffer.from(text), keys.publicKeyPem).digest).toBe(open.digest);
});

it('X30 refuses the bundle of another deployment, signed by its own key', () => {
  expect(refusal(text, newKeys().publicKeyPem)).toBe('signature');
});

it('X30 takes any of several keys one after another, and none that is not Ed25519', () => {
  const older = newKeys().publicKeyPem;
  expect(refusal(text, `${older}${keys.publicKeyPem}`)).toBe('opened');
  expect(refusal(text, `${keys.publicKeyPem}${older}`)).toBe('opened');
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsa = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(refusal(text, rsa)).toBe('signature');
  expect(refusal(text, `${keys.publicKeyPem}${rsa}`)).toBe('signature');
});

it('X30 refuses content that has no canonical form', () => {
  const copy = JSON.stringify({ ...bundle, content: { ...bundle.content, wasm: '\ud800' } });
  expect(refusal(copy)).toBe('digest');
});

it('X30 refuses an older version, and takes the same and a newer one', () => {
  expect(refusal(text, keys.publicKeyPem, 8)).toBe('older');
  expect(refusal(text, keys.publicKeyPem, 7)).toBe('opened');
  expect(refusal(text, keys.publicKeyPem, 6)).toBe('opened');
});

describe('X30 refuses what was changed', () => {
  const cases: readonly (readonly [name: string, change: (copy: SignedBundle) => unknown, refusal: string])[] = [
    ['the version', ({ manifest }) => Object.assign(manifest, { version: 8 }), 'signature'],
    ['the digest', ({ manifest }) => Object.assign(manifest, { digest: `sha256:${'0'.repeat(64)}` }), 'signature'],
    ['a limit', ({ content }) => Object.assign(content.catalogue.data, { freeze: {} }), 'digest'],
    [
      'an address',
      ({ content }) => Object.assign(content.catalogue.targets['cluster'] ?? {}, { address: 'https://evil.example' }),
      'digest',
    ],
    ['the policy', ({ content }) => Object.assign(content, { wasm: content.wasm.replace('A', 'B') }), 'digest'],
    ['a field more', (copy) => Object.assign(copy, { extra: 1 }), 'format'],
    ['another format', (copy) => Object.assign(copy, { format: 'countersign-bundle/2' }), 'format'],
    ['no signature', (copy) => Object.assign(copy, { signature: '' }), 'signature'],
  ];
  it.each(cases)('%s', (_, change, expected) => {
    const copy = JSON.parse(text) as SignedBundle;
    change(copy);
    expect(refusal(JSON.stringify(copy))).toBe(expected);
  });

  it('one byte, wherever it is', () => {
    const bytes = Buffer.from(text);
    for (let round = 0; round < 60; round += 1) {
      const at = Math.floor((round * bytes.length) / 60);
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      expect(refusal(copy)).not.toBe('opened');
    }
  });

  it.each([0, 1, 100, 10_000])('all after byte %i', (length) => {
    expect(refusal(text.slice(0, length))).toBe('unreadable');
  });
});

it('X30 refuses content of another shape, however well signed', () => {
  expect(refusal(signed({ ...bundle.content, more: 1 }))).toBe('shape');
  expect(refusal(signed({ ...bundle.content, catalogue: { ...bundle.content.catalogue, chains: { x: {} } } }))).toBe(
    'shape',
  );
  expect(refusal(signed('nothing'))).toBe('shape');
  expect(refusal(signed(bundle.content))).toBe('opened');
});

it('signs with Ed25519 and a version that counts', () => {
  expect(() => signBundle(bundle.content, 0, keys.privateKeyPem)).toThrow('positive integer');
  expect(() => signBundle(bundle.content, 1.5, keys.privateKeyPem)).toThrow('positive integer');
});

it('X31 without a bundle there is no decision point', async () => {
  const directory = await policyDirectory({});
  const path = join(directory, 'bundle.json');
  await expect(loadPdp(path, keys.publicKeyPem)).rejects.toMatchObject({ refusal: 'unreadable' });
  await writeFile(path, text);
  expect((await loadPdp(path, keys.publicKeyPem)).bundle).toEqual(bundle.manifest);
  await rm(path);
});
