import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ToolSettings } from '../../config/config';
import { findTool } from '../../stack/find-tool';
import { tools } from '../../stack/tools';
import { temporaryDirectory } from '../helpers/temporary-directory';

let root: string;
let said: string[];
const report = (line: string): void => void said.push(line);

beforeEach(() => {
  root = temporaryDirectory();
  said = [];
});

const settings = (more: Partial<ToolSettings> = {}): ToolSettings => ({
  searchPath: [join(root, 'bin')],
  cache: join(root, 'cache'),
  ...more,
});
const cached = (): string => join(root, 'cache', `temporal-${tools.temporal.version}`);

/** A program that answers as a Temporal CLI does, or as an old one. */
function program(path: string, answer = '--dynamic-config-value --search-attribute --ui-codec-endpoint'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${answer}'\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A Go whose `go install` takes a moment and leaves a program, and that counts how often it was asked. */
function go(): string {
  program(join(root, 'made'));
  return program(
    join(root, 'bin', 'go'),
    `go version go1.26.8'; [ "$1" = version ] && exit; echo "$*" >> '${root}/go.log'; sleep 0.3; cp '${root}/made' "$GOBIN/temporal"; echo '`,
  );
}

test('the variable comes first', async () => {
  program(join(root, 'bin', 'temporal'));
  program(cached());
  const own = program(join(root, 'own', 'my-temporal'));
  expect(await findTool('temporal', report, settings({ temporal: own }))).toBe(own);
});

test('a variable that names nothing usable is an error, not a reason to look elsewhere', async () => {
  program(join(root, 'bin', 'temporal'));
  await expect(findTool('temporal', report, settings({ temporal: join(root, 'nothing') }))).rejects.toThrow(
    'there is no program there',
  );
  const old = program(join(root, 'old'), 'usage: temporal');
  await expect(findTool('temporal', report, settings({ temporal: old }))).rejects.toThrow('it is too old');
});

test('then PATH, in its order', async () => {
  program(cached());
  const first = program(join(root, 'a', 'temporal'));
  program(join(root, 'b', 'temporal'));
  expect(
    await findTool(
      'temporal',
      report,
      settings({ searchPath: [join(root, 'none'), join(root, 'a'), join(root, 'b')] }),
    ),
  ).toBe(first);
});

test('a program on PATH that is too old is passed over, and that is said', async () => {
  const old = program(join(root, 'bin', 'temporal'), 'usage: temporal');
  program(cached());
  expect(await findTool('temporal', report, settings())).toBe(cached());
  expect(said).toEqual([expect.stringContaining(`Not using ${old}: it is too old`)]);
});

test('then what was built before', async () => {
  go();
  program(cached());
  expect(await findTool('temporal', report, settings())).toBe(cached());
});

test('then Go builds the pinned version, once, even when several ask at once', async () => {
  go();
  const found = await Promise.all(
    [1, 2, 3].map(() =>
      findTool('temporal', report, settings({ searchPath: [join(root, 'bin'), '/usr/bin', '/bin'] })),
    ),
  );
  expect(found).toEqual([cached(), cached(), cached()]);
  expect(readFileSync(join(root, 'go.log'), 'utf8')).toBe(`install ${tools.temporal.module}\n`);
  expect(said).toContainEqual(expect.stringMatching(/^Building the Temporal CLI 1\.5\.1 with Go/));
});

test('without any of them, the error names the ways to provide it', async () => {
  await expect(findTool('opa', report, settings())).rejects.toThrow(
    /COUNTERSIGN_OPA[^]*PATH[^]*opa-1\.22\.0[^]*Go \(https:\/\/go\.dev\/dl\)/,
  );
});
