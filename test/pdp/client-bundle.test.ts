import { join } from 'node:path';
import fc from 'fast-check';
import { buildBundle } from '../../bundle/build-bundle';
import { packageRoot } from '../../config/paths';
import { guardInput } from '../../domain/guard-input';
import { type SignedBundle } from '../../pdp/bundle-format';
import { type BundleRefusal } from '../../pdp/bundle-refused';
import { type SignedClientBundle } from '../../pdp/client-bundle-format';
import { clientBundleOf } from '../../pdp/client-bundle-of';
import { createPdp } from '../../pdp/create-pdp';
import { openBundle } from '../../pdp/open-bundle';
import { openClientBundle } from '../../pdp/open-client-bundle';
import { COOPERATIVE } from '../bundle/cooperative-policies';
import { build, INFRA, keys, newKeys } from '../bundle/policy-directory';

let whole: SignedBundle;
let client: SignedClientBundle;
beforeAll(async () => {
  whole = await build(COOPERATIVE, 7);
  client = clientBundleOf(whole) as SignedClientBundle;
});

const refusalOf = (signed: unknown, key = keys.publicKeyPem, atLeast = 1): BundleRefusal | undefined => {
  try {
    openClientBundle(signed, key, atLeast);
    return undefined;
  } catch (error) {
    return (error as { refusal?: BundleRefusal }).refusal;
  }
};

describe('what agents get', () => {
  test('is the cooperative action types, the names of chains, and the data that they name', () => {
    const { content } = client;
    expect(Object.keys(content)).toEqual(['wasm', 'actionTypes', 'chains', 'data']);
    expect(Object.keys(content.actionTypes)).toEqual(['infra.read_log']);
    expect(content.chains).toEqual(['on-call']);
    expect(content.data).toEqual({ limits: { read_log: { lines: 1_000 } } });
    const told = JSON.stringify({ ...content, wasm: '' });
    for (const secret of ['cluster.internal', 'group:sre', 'infra.restart', 'secret', 'frozen', 'billing'])
      expect(told).not.toContain(secret);
  });

  test('is nothing where no action type is cooperative', async () => {
    const none = await build(INFRA);
    expect(none.client).toBeUndefined();
    expect(clientBundleOf(none)).toBeUndefined();
  });

  test('goes by the digest of the whole, and has one of its own', () => {
    expect(client.manifest).toMatchObject({ of: whole.manifest.digest, version: 7 });
    expect(client.manifest.digest).not.toBe(whole.manifest.digest);
    expect(openClientBundle(client, keys.publicKeyPem)).toMatchObject({ digest: whole.manifest.digest, version: 7 });
  });
});

describe('refused is', () => {
  test('what another key signed', () => expect(refusalOf(client, newKeys().publicKeyPem)).toBe('signature'));

  test('what was changed: limits, rules, version, origin', () => {
    const { content, manifest } = client;
    const data = { limits: { read_log: { lines: 9_999 } } };
    expect(refusalOf({ ...client, content: { ...content, data } })).toBe('digest');
    expect(refusalOf({ ...client, content: { ...content, wasm: 'AGFzbQ==' } })).toBe('digest');
    expect(refusalOf({ ...client, manifest: { ...manifest, version: 8 } })).toBe('signature');
    expect(refusalOf({ ...client, manifest: { ...manifest, of: manifest.digest } })).toBe('signature');
  });

  test('an older one, however well signed', () => {
    expect(refusalOf(client, keys.publicKeyPem, 7)).toBeUndefined();
    expect(refusalOf(client, keys.publicKeyPem, 8)).toBe('older');
  });

  test('a whole bundle in its place, and it in the place of a whole one', () => {
    expect(refusalOf(whole)).toBe('format');
    const { manifest, signature, content } = whole;
    const dressed = { format: client.format, manifest: { ...manifest, of: manifest.digest }, signature, content };
    expect(refusalOf(dressed)).toBe('signature');
    const asWhole = { format: whole.format, manifest: client.manifest, signature: client.signature, content };
    expect(() => openBundle(JSON.stringify(asWhole), keys.publicKeyPem)).toThrow('refused');
  });
});

describe('the same decision under the part as under the whole', () => {
  const agents = fc.record({
    roles: fc.subarray(['invoice-payer', 'mover', 'operator']),
    team: fc.constantFrom('finance', 'platform', 'floor'),
    owner: fc.constantFrom('alice', 'olga'),
  });
  const tried = async (
    bundle: SignedBundle,
    type: string,
    params: fc.Arbitrary<Record<string, string | number>>,
  ): Promise<ReadonlySet<string>> => {
    const full = await createPdp(openBundle(JSON.stringify(bundle), keys.publicKeyPem));
    const part = await createPdp(openClientBundle(clientBundleOf(bundle), keys.publicKeyPem));
    const actionType = full.catalogue.actionTypes[type];
    if (actionType === undefined) throw new Error(`${type} is not there`);
    const effects = new Set<string>();
    fc.assert(
      fc.property(agents, params, ({ roles, team, owner }, given) => {
        const agent = { tenant: 't', environment: 'test', id: 'a', generation: 1, version: '1', owner, team, roles };
        const input = guardInput(agent, actionType, given, '2026-01-05T10:00:00.000Z');
        const decision = part.decide(input);
        effects.add(decision.effect);
        expect(decision).toEqual(full.decide(input));
      }),
      { numRuns: 300 },
    );
    return effects;
  };

  test('in the demo', async () => {
    const bundle = await buildBundle({
      directory: join(packageRoot(), 'demo', 'policies'),
      privateKeyPem: keys.privateKeyPem,
      version: 1,
    });
    const params = fc.record({ file: fc.constantFrom('a.xml', 'b.json'), bytes: fc.nat(2_000_000) });
    expect(await tried(bundle, 'invoices.read_file', params)).toEqual(new Set(['allow', 'deny']));
  });

  test('also where people would have to be asked', async () => {
    const params = fc.record({
      service: fc.constantFrom('web', 'payroll'),
      lines: fc.integer({ min: 8, max: 2_000 }),
    });
    expect(await tried(whole, 'infra.read_log', params)).toEqual(new Set(['allow', 'deny', 'require_approval']));
  });
});
