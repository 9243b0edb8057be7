import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodecKeysError, parseCodecKeys, readCodecKeys } from '../../temporal/codec-keys';

const key = Buffer.alloc(32, 7).toString('base64');

it('reads keys and the current one', () => {
  const { current, keys } = parseCodecKeys(JSON.stringify({ current: 'k2', keys: { k1: key, k2: key } }));
  expect(current).toBe('k2');
  expect([...keys.keys()]).toEqual(['k1', 'k2']);
});

it.each([
  ['no JSON', `{"keys":{"k1":"${key}"`],
  ['no object', '[]'],
  ['no keys', '{"current":"k1"}'],
  ['a current key that is not there', JSON.stringify({ current: 'k2', keys: { k1: key } })],
  ['no current key', JSON.stringify({ keys: { k1: key } })],
  ['a short key', JSON.stringify({ current: 'k1', keys: { k1: key.slice(4) } })],
  ['a key that is no text', JSON.stringify({ current: 'k1', keys: { k1: 1 } })],
  ['an id that is too free', JSON.stringify({ current: 'K 1', keys: { 'K 1': key } })],
])('refuses %s, and does not quote a key', (_, text) => {
  let thrown: unknown;
  try {
    parseCodecKeys(text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(CodecKeysError);
  expect(String(thrown)).not.toContain(key.slice(4, 20));
});

it('X59 without a file there is no codec, and so no process', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'codec-keys-'));
  try {
    const path = join(directory, 'codec.json');
    await expect(readCodecKeys(path)).rejects.toThrow(CodecKeysError);
    await writeFile(path, JSON.stringify({ current: 'k1', keys: { k1: key } }));
    expect((await readCodecKeys(path)).current).toBe('k1');
  } finally {
    await rm(directory, { recursive: true });
  }
});
