import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyPem, publicKeysOf } from '../../config/public-keys-of';
import { readPublicKeys } from '../../gateway/read-public-keys';
import { addCodecKey, dropCodecKey, useCodecKey } from '../../stack/codec-file';
import { createKeys } from '../../stack/create-keys';
import { rotateKey } from '../../stack/rotate-key';
import { CodecKeysError, parseCodecKeys } from '../../temporal/codec-keys';
import { temporaryDirectory } from '../helpers/temporary-directory';

let keys: string;
beforeEach(() => {
  keys = join(temporaryDirectory(), 'keys');
  createKeys(keys);
});
const read = (name: string): string => readFileSync(join(keys, name), 'utf8');

test.each(['agents', 'bundle', 'checkpoint', 'effects', 'facts'] as const)(
  'the %s key is another afterwards, and of the old one only the public half is left',
  (name) => {
    const [oldPrivate, oldPublic] = [read(`${name}.key.pem`), read(`${name}.pub.pem`)];
    expect(rotateKey(keys, name)).toBe(1);
    const signature = sign(null, Buffer.from('x'), createPrivateKey(read(`${name}.key.pem`)));
    expect(verify(null, Buffer.from('x'), createPublicKey(read(`${name}.pub.pem`)), signature)).toBe(true);
    expect(read(`${name}.key.pem`)).not.toBe(oldPrivate);
    expect(rotateKey(keys, name)).toBe(2);
    const { current, retired } = publicKeysOf(keys, name);
    expect(retired.map(({ number }) => number)).toEqual([1, 2]);
    expect(retired[0]?.pem).toBe(oldPublic);
    expect(everyPem({ current, retired }).match(/BEGIN PUBLIC KEY/g)).toHaveLength(3);
    expect(everyPem({ current, retired })).not.toContain('PRIVATE');
    expect(statSync(join(keys, 'retired', `${name}-1.pub.pem`)).mode & 0o077).toBe(0);
  },
);

test('ten keys later the order is still that of their numbers', () => {
  for (let i = 0; i < 10; i += 1) rotateKey(keys, 'bundle');
  expect(publicKeysOf(keys, 'bundle').retired.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('a run that was killed between two files is put right by the next', () => {
  const old = read('bundle.pub.pem');
  rotateKey(keys, 'bundle');
  writeFileSync(join(keys, 'bundle.pub.pem'), old); // the last write was lost
  rotateKey(keys, 'bundle');
  const derived = createPublicKey(read('bundle.key.pem')).export({ format: 'pem', type: 'spki' });
  expect(read('bundle.pub.pem')).toBe(derived);
  expect(publicKeysOf(keys, 'bundle').retired).toHaveLength(2);
});

test('targets are told the new key and the old one, until the old one is taken away', async () => {
  const before = await readPublicKeys(keys);
  rotateKey(keys, 'effects');
  const after = await readPublicKeys(keys);
  expect(after).toHaveLength(3);
  for (const key of before) expect(after).toContainEqual(key);
  expect(new Set(after.map(({ kid }) => kid)).size).toBe(3);
});

describe('codec keys', () => {
  test('are added, then used; the old one stays until it is dropped', () => {
    expect(addCodecKey(keys)).toBe('k2');
    expect(parseCodecKeys(read('codec.json'))).toMatchObject({ current: 'k1' });
    useCodecKey(keys, 'k2');
    expect([...parseCodecKeys(read('codec.json')).keys.keys()]).toEqual(['k1', 'k2']);
    dropCodecKey(keys, 'k1');
    expect([...parseCodecKeys(read('codec.json')).keys.keys()]).toEqual(['k2']);
    expect(addCodecKey(keys)).toBe('k3');
  });

  test('the current one cannot be dropped, and one that is not there cannot be used', () => {
    const before = read('codec.json');
    expect(() => dropCodecKey(keys, 'k1')).toThrow(CodecKeysError);
    expect(() => useCodecKey(keys, 'k7')).toThrow(CodecKeysError);
    expect(read('codec.json')).toBe(before);
  });
});
