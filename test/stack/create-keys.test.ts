import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createKeys } from '../../stack/create-keys';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { temporaryDirectory } from '../helpers/temporary-directory';

let directory: string;
const read = (name: string): string => readFileSync(join(directory, name), 'utf8');

beforeEach(() => {
  directory = join(temporaryDirectory(), 'keys');
});

test('each private key fits its public one', () => {
  createKeys(directory);
  for (const name of ['agents', 'bundle', 'checkpoint', 'effects', 'facts']) {
    const signature = sign(null, Buffer.from('x'), createPrivateKey(read(`${name}.key.pem`)));
    expect(verify(null, Buffer.from('x'), createPublicKey(read(`${name}.pub.pem`)), signature)).toBe(true);
  }
  expect(parseCodecKeys(read('codec.json')).current).toBe('k1');
});

test('only we may read them', () => {
  createKeys(directory);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(directory))
    expect([name, statSync(join(directory, name)).mode & 0o077]).toEqual([name, 0]);
});

test('what is there stays; a lost public key is derived again', () => {
  createKeys(directory);
  const [key, pub, codec] = [read('bundle.key.pem'), read('bundle.pub.pem'), read('codec.json')];
  rmSync(join(directory, 'bundle.pub.pem'));
  createKeys(directory);
  expect([read('bundle.key.pem'), read('bundle.pub.pem'), read('codec.json')]).toEqual([key, pub, codec]);
});
