import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { keysCommand } from '../../cli/commands/keys';
import { forgetPayloadKey } from '../../db/forget-payload-key';
import { usePayloadKey } from '../../db/use-payload-key';
import { addCodecKey, codecKeysIn } from '../../stack/codec-file';
import { createKeys } from '../../stack/create-keys';
import { createWorld, type World } from '../helpers/world';
import { testServers } from '../setup/servers';

/* `countersign keys codec …`: what happens to the file and to what the database says about it, in an order that may be cut anywhere. */

let world: World;
let directory: string;
beforeAll(async () => (world = await createWorld(2)));
afterAll(() => world.close());
beforeEach(async () => {
  directory = mkdtempSync(join(testServers().directory, 'codec-keys-'));
  createKeys(directory);
  await world.rows('delete from payload_keys');
  await usePayloadKey(world.gateway, codecKeysIn(directory));
});

const codec = async (...args: string[]): Promise<unknown> => {
  const words = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const own = ['--keys', directory, '--database-url', world.ownerUrl];
    return await keysCommand().parseAsync(['codec', ...args, ...own], { from: 'user' });
  } finally {
    words.mockRestore();
  }
};
const held = (): string[] => [...codecKeysIn(directory).keys.keys()];
const startsWithIt = async (): Promise<void> => await usePayloadKey(world.worker, codecKeysIn(directory));
/** Processes were restarted with the second one, long ago. */
const replaced = async (): Promise<void> => {
  addCodecKey(directory);
  await codec('use', 'k2');
  await startsWithIt();
  await world.rows(`update payload_keys set used_until = now() - interval '40 days' where key_id = 'k1'`);
};

test('a key is registered before anything is encrypted with it, and processes start with it', async () => {
  addCodecKey(directory);
  await expect(codec('use', 'k3')).rejects.toThrow('There is no key k3');
  await codec('use', 'k2');
  expect(codecKeysIn(directory).current).toBe('k2');
  await startsWithIt();
});

test('one that is needed stays, in the file as in the database', async () => {
  await replaced();
  await world.rows(`update payload_keys set used_until = now() where key_id = 'k1'`);
  await expect(codec('drop', 'k1')).rejects.toThrow('k1 stays');
  await expect(codec('drop', 'k2')).rejects.toThrow('k2 stays: it is the one that encrypts');
  expect(held()).toEqual(['k1', 'k2']);
  expect(await world.rows('select key_id from payload_keys order by key_id')).toHaveLength(2);
});

test('cut between the database and the file, processes start, and dropping it again ends it', async () => {
  await replaced();
  expect(await forgetPayloadKey(world.superuser, 'k1')).toBe('forgotten');
  await startsWithIt();
  await codec('drop', 'k1');
  expect(held()).toEqual(['k2']);
  await startsWithIt();
  await codec('drop', 'k1');
});

test('the database of another deployment, which knows of no key, says nothing about whether one is needed', async () => {
  await replaced();
  await world.rows('delete from payload_keys');
  await expect(codec('drop', 'k1')).rejects.toThrow('not the database of processes with this codec.json');
  expect(held()).toEqual(['k1', 'k2']);
});
