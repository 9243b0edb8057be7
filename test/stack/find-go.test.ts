import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { type RequestListener, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { type ToolSettings } from '../../config/config';
import { type Toolchain, findGo } from '../../stack/find-go';
import { whatIsWrong } from '../../stack/probe-program';
import { temporaryDirectory } from '../helpers/temporary-directory';

const PLATFORM = `${process.platform}-${process.arch}`;
const MODULE = `golang.org/toolchain@v0.0.1-go1.99.0.${PLATFORM.replace('x64', 'amd64')}`;
const archive = Buffer.from(
  zipSync({
    [`${MODULE}/bin/go`]: strToU8('#!/bin/sh\necho go version go1.99.0\n'),
    [`${MODULE}/pkg/tool/compile`]: strToU8('#!/bin/sh\n'),
    [`${MODULE}/src/_go.mod`]: strToU8('module std\n'),
  }),
);
const toolchain: Toolchain = {
  version: '1.99.0',
  archives: { [PLATFORM]: createHash('sha256').update(archive).digest('hex') },
};

let root: string;
let said: string[];
let asked: string[];
let moduleProxy: string;
let answer: RequestListener;
const report = (line: string): void => void said.push(line);
const settings = (): ToolSettings => ({ searchPath: [join(root, 'bin')], cache: join(root, 'cache'), moduleProxy });
const left = (): string[] => (existsSync(join(root, 'cache')) ? readdirSync(join(root, 'cache')) : []);

const server = createServer((request, response) => {
  asked.push(request.url ?? '');
  answer(request, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  moduleProxy = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

afterAll(() => void server.close());

beforeEach(() => {
  root = temporaryDirectory();
  said = [];
  asked = [];
  answer = (_request, response) => void response.end(archive);
});

function ownGo(version: string): string {
  const path = join(root, 'bin', 'go');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho go version ${version} linux/amd64\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the Go on PATH comes first, as it is', async () => {
  const program = ownGo('go1.21.0');
  expect(await findGo(settings(), report, toolchain)).toEqual({ program, environment: {} });
  expect(asked).toEqual([]);
});

test('one that is too old is passed over, and that is said', async () => {
  const old = ownGo('go1.19.8');
  expect((await findGo(settings(), report, toolchain))?.program).toBe(join(root, 'cache', 'go-1.99.0', 'bin', 'go'));
  expect(said[0]).toBe(`Not using ${old}: it is older than Go 1.21.`);
});

test('where there is none, the pinned release is fetched, once, even when several ask at once', async () => {
  const found = await Promise.all([1, 2, 3].map(() => findGo(settings(), report, toolchain)));
  const again = await findGo(settings(), report, toolchain);
  const home = join(root, 'cache', 'go-1.99.0');
  expect(asked).toEqual([`/golang.org/toolchain/@v/${MODULE.split('@')[1] ?? ''}.zip`]);
  for (const go of [...found, again]) expect(go?.program).toBe(join(home, 'bin', 'go'));
  expect(
    whatIsWrong(join(home, 'bin', 'go'), {
      args: [],
      accepts: (said) => said === 'go version go1.99.0\n',
      otherwise: 'it is another',
    }),
  ).toBeUndefined();
  expect(
    whatIsWrong(join(home, 'pkg', 'tool', 'compile'), { args: [], accepts: () => true, otherwise: '' }),
  ).toBeUndefined();
  expect(readFileSync(join(home, 'src', 'go.mod'), 'utf8')).toBe('module std\n');
  expect(left()).toEqual(['go-1.99.0']);
});

test('all that it builds from and leaves behind is in its own directory', async () => {
  const go = await findGo(settings(), report, toolchain);
  const home = join(root, 'cache', 'go-1.99.0');
  for (const name of ['GOROOT', 'GOPATH', 'GOCACHE']) expect(`${go?.environment[name] ?? ''}/`).toMatch(`${home}/`);
});

test.each<[string, RequestListener, RegExp]>([
  [
    'an archive with one byte changed',
    (_request, response) => void response.end(Buffer.from(archive).fill(1, 40, 41)),
    /^Go was not fetched: what came is not that release \(SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}\)\.$/,
  ],
  ['an archive cut short', (_request, response) => void response.end(archive.subarray(0, 99)), /not that release/],
  ['no such archive', (_request, response) => void response.writeHead(404).end('not found'), /the answer was 404\.$/],
  ['a connection that breaks', (request) => void request.socket.destroy(), /^Go was not fetched: fetch failed \(/],
  [
    'an answer without an end',
    (_request, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(1024 * 1024)));
        response.once('drain', more);
      };
      more();
    },
    /the answer is larger than 134217728 bytes\.$/,
  ],
])('%s is not used: nothing is left of it, and why is said', async (_what, served, reason) => {
  answer = served;
  expect(await findGo(settings(), report, toolchain)).toBeUndefined();
  expect(said.at(-1)).toMatch(reason);
  expect(left()).toEqual([]);
});

test('for another platform, or without a proxy, nothing is asked', async () => {
  expect(
    await findGo(settings(), report, { ...toolchain, archives: { 'plan9-mips': 'f'.repeat(64) } }),
  ).toBeUndefined();
  const { searchPath, cache } = settings();
  expect(await findGo({ searchPath, cache }, report, toolchain)).toBeUndefined();
  expect(asked).toEqual([]);
});
