import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishAddresses, publishedAddresses } from '../../stack/published-addresses';
import { temporaryDirectory } from '../helpers/temporary-directory';

const ADDRESSES = {
  gateway: 'http://127.0.0.1:1',
  admin: 'http://127.0.0.1:2',
  databaseUrl: 'postgresql://a:b@127.0.0.1/c',
  temporalUi: null,
  temporal: { address: '127.0.0.1:3', namespace: 'd' },
  bundle: '/e/bundle.json',
};

/** As if the stack that wrote the file had been another process. */
function ascribe(home: string, mark: string): void {
  const path = join(home, 'stack.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), process: mark }));
}

test('addresses are found while they are published, and not before or after', () => {
  const home = temporaryDirectory();
  expect(publishedAddresses(home)).toBeUndefined();
  const takeBack = publishAddresses(home, ADDRESSES);
  expect(publishedAddresses(home)).toEqual(ADDRESSES);
  takeBack();
  expect(publishedAddresses(home)).toBeUndefined();
});

test.each([
  ['has ended', () => `${String(spawnSync('true').pid)}@1`],
  ['had the number of a process that lives', () => `${String(process.pid)}@1`],
])('those of a process that %s are not believed', (_, mark) => {
  const home = temporaryDirectory();
  publishAddresses(home, ADDRESSES);
  ascribe(home, mark());
  expect(publishedAddresses(home)).toBeUndefined();
});
