import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildBundle } from '../../bundle/build-bundle';
import { packageRoot } from '../../config/paths';
import { addCodecKey } from '../../stack/codec-file';
import { rotateKey } from '../../stack/rotate-key';
import { writePrivate } from '../../stack/write-private';
import { readCodecKeys } from '../../temporal/codec-keys';
import { fetchHistories } from '../helpers/histories';
import { ended, invoice, largeInvoice, pay, paymentsOf, requestOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { useCodecKey } from '../helpers/use-codec-key';

/* Keys are replaced, by the steps of docs/keys.md, while an action waits for somebody to countersign it. */

let spine: Spine;
beforeAll(async () => {
  spine = await startSpine();
});
afterAll(() => spine.stop());

const keys = (): string => join(spine.home, 'keys');

/** Gateways first, then, when targets have asked them for the keys, workers. */
async function restart(): Promise<void> {
  await spine.startGateway();
  // As after the half minute in which a target that has asked lately does not ask again.
  spine.services.trust(`${spine.gatewayUrl}/.well-known/jwks.json`);
  await spine.startWorker();
}

/** The policy in force, signed again under the key of now. */
async function signAgain(): Promise<void> {
  const path = join(spine.home, 'bundle.json');
  const { manifest } = JSON.parse(readFileSync(path, 'utf8')) as { manifest: { version: number; digest: string } };
  const again = await buildBundle({
    directory: join(packageRoot(), 'demo', 'policies'),
    privateKeyPem: readFileSync(join(keys(), 'bundle.key.pem'), 'utf8'),
    version: manifest.version,
  });
  expect(again.manifest.digest).toBe(manifest.digest);
  writePrivate(path, JSON.stringify(again));
}

const REPLACE: Readonly<Record<string, () => Promise<void>>> = {
  'the bundle key': async () => {
    rotateKey(keys(), 'bundle');
    await signAgain();
    await restart();
  },
  'the key of tokens': async () => {
    rotateKey(keys(), 'effects');
    await restart();
    // Until nothing but the new key is known to anybody.
    rmSync(join(keys(), 'retired', 'effects-1.pub.pem'));
    await restart();
  },
  'the codec key': async () => {
    const id = addCodecKey(keys());
    await restart();
    await useCodecKey(spine, id);
    await restart();
  },
};

async function waiting(): Promise<string> {
  const { id, outcome } = await pay(spine, largeInvoice());
  expect(outcome.kind).toBe('pending');
  await requestOf(spine, id);
  return id;
}

async function approvedOnce(id: string): Promise<void> {
  expect((await vote(spine, 'bob', id, 'approve')).status).toBe(200);
  expect(await ended(spine, id)).toMatchObject({ kind: 'executed' });
  expect(paymentsOf(spine, id)).toBe(1);
}

test.each(Object.keys(REPLACE))(
  'an action that waits while %s is replaced is approved afterwards and carried out once, and so is a new one',
  async (key) => {
    const before = await waiting();
    await REPLACE[key]?.();
    await approvedOnce(before);
    const { id, outcome } = await pay(spine, invoice());
    expect(outcome).toMatchObject({ kind: 'executed' });
    expect(paymentsOf(spine, id)).toBe(1);
  },
);

test('an action that waits while all of them are replaced at once is approved afterwards and carried out once', async () => {
  const before = await waiting();
  for (const name of ['bundle', 'effects', 'facts', 'checkpoint'] as const) rotateKey(keys(), name);
  await signAgain();
  const old = (await readCodecKeys(join(keys(), 'codec.json'))).current;
  const id = addCodecKey(keys());
  await restart();
  await useCodecKey(spine, id);
  await restart();
  await approvedOnce(before);
  const history = (await fetchHistories(spine)).find(({ workflowId }) => workflowId.endsWith(before));
  for (const each of [old, id])
    expect(history?.raw).toContain(`"encryption-key-id": "${Buffer.from(each).toString('base64')}"`);
});
