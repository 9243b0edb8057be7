import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { variables } from '../../config/variables';
import { createKeys } from '../../stack/create-keys';
import { temporaryDirectory } from '../helpers/temporary-directory';

const page = readFileSync(join(packageRoot(), 'docs', 'keys.md'), 'utf8');

test('the page of keys names every key that a stack makes', () => {
  const directory = join(temporaryDirectory(), 'keys');
  createKeys(directory);
  const files = readdirSync(directory).filter((name) => /\.key\.pem$|\.json$/.test(name));
  expect(files.length).toBeGreaterThanOrEqual(5);
  expect(files.filter((name) => !page.includes(`| \`${name}\``))).toEqual([]);
});

test('the page of keys names every variable that holds a secret of a channel', () => {
  const secrets = Object.keys(variables.shape).filter((name) => /^(SLACK_(BOT|SIGNING)|SMTP_URL)/.test(name));
  expect(secrets).toHaveLength(3);
  expect(secrets.filter((name) => !page.includes(name))).toEqual([]);
});
