import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../config/paths';
import { largeInvoice, invoice, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { temporaryDirectory } from '../helpers/temporary-directory';

/*
 * What a stranger gets: packed, unpacked into an empty project, compiled and used there. Nothing is linked but where a test says so: the client
 * has to do without.
 */

const run = promisify(execFile);
const ROOT = packageRoot();
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** Global to the snippets, as they are to a reader. */
const GIVEN = `
interface Invoice { readonly invoiceId: string; readonly vendorId: string; readonly amountMinor: number; readonly currency: string }
interface Task { readonly id: string; readonly model?: string; readonly promptDigest?: string; readonly sources?: readonly string[] }
`;

const COMPILER = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitReturns: true,
  skipLibCheck: false,
  types: [],
};

let project: string;
let installed: string;
let packed: Packed;

beforeAll(async () => {
  project = temporaryDirectory();
  const { stdout } = await run('npm', ['pack', '--json', '--foreground-scripts=false', '--pack-destination', project], {
    cwd: ROOT,
  });
  [packed] = JSON.parse(stdout) as [Packed];
  installed = join(project, 'node_modules', 'countersign');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', join(project, packed.filename), '--strip-components=1', '-C', installed]);
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
  writeFileSync(join(project, 'given.d.ts'), GIVEN);
}, 120_000);

/** Every example of the page for agents, the first of which is that of the contract. */
const snippets = [...readFileSync(join(ROOT, 'docs', 'agents.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map(
  ([, code = '']) => code,
);

async function compile(options: object = {}, extra: readonly string[] = []): Promise<string> {
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...COMPILER, ...options } }));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', project, ...extra]).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

/** A project of its own with the package and all that it depends on. */
async function projectWithDependencies(): Promise<string> {
  const directory = temporaryDirectory();
  const modules = join(directory, 'node_modules');
  for (const name of Object.keys(MANIFEST.dependencies)) {
    const place = join(modules, name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), place);
  }
  const home = join(modules, 'countersign');
  mkdirSync(home);
  await run('tar', ['-xzf', join(project, packed.filename), '--strip-components=1', '-C', home]);
  return directory;
}

describe('the packed files', () => {
  const paths = (): string[] => packed.files.map(({ path }) => path);

  test('are what the client and the commands need, and nothing else', () => {
    expect([...new Set(paths().map((path) => path.split('/')[0]))].sort().join(' ')).toBe(
      'CHANGELOG.md LICENSE NOTICE README.md db demo dist docs evidence package.json policies stack',
    );
    const unwanted =
      /^(test|bench|scripts|demo\/(?!policies\/)|dist\/(test|bench|scripts|demo)\/|dist\/\.)|\.(map|pem|env|log|tgz|png)$|(?<!\.d)\.tsx?$|\.countersign/;
    expect(paths().filter((path) => unwanted.test(path))).toEqual([]);
    expect(paths()).toEqual(expect.arrayContaining(['dist/client/index.js', 'dist/cli/main.js', 'docs/agents.md']));
  });

  test('hold no private key', () => {
    const text = paths().map((path) => readFileSync(join(installed, path), 'latin1'));
    expect(text.filter((each) => /-----BEGIN [A-Z ]*PRIVATE KEY-----\\?n?[A-Za-z0-9+/=]/.test(each))).toEqual([]);
  });

  // Half of it is the bundle of workflow code and the compiled policies. Twice as much would be something that was not meant to be in it.
  test('are less than two megabytes', () => expect(packed.size).toBeLessThan(2_000_000));

  test('describe the types of the client without those of any package', () => {
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const text = readFileSync(join(installed, path), 'utf8');
      expect([path, text.match(/reference types|@temporalio|['"]pg['"]/)]).toEqual([path, null]);
      for (const [, name = ''] of text.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)) {
        expect([path, name]).toEqual([path, expect.stringMatching(/^\.\.?\//)]);
        visit(`${normalize(join(dirname(path), name))}.d.ts`);
      }
    };
    visit('dist/client/index.d.ts');
    expect(readdirSync(join(installed, 'dist', 'client')).filter((name) => name.endsWith('.d.ts'))).not.toEqual([]);
    expect(seen).toContain('dist/domain/action.d.ts');
  });

  test('hold a command that runs, once its dependencies are there', async () => {
    const home = join(await projectWithDependencies(), 'node_modules', 'countersign');
    const cli = join(home, 'dist', 'cli', 'main.js');
    const { stderr } = await run(process.execPath, [cli, 'policy', 'check', join(home, 'policies', 'starter')]);
    expect(stderr).toContain('Nothing is wrong');
  });
});

describe('in an empty project', () => {
  beforeAll(() => {
    snippets.forEach((code, index) => writeFileSync(join(project, `snippet-${index}.ts`), code));
  });

  test('every example compiles under strict, whatever finds its modules', async () => {
    expect(snippets.length).toBeGreaterThanOrEqual(4);
    expect(snippets[0]).toContain('export async function payInvoice(invoice: Invoice, task: Task)');
    expect(await compile({ noEmit: true })).toBe('');
    expect(await compile({ noEmit: true, module: 'esnext', moduleResolution: 'bundler' })).toBe('');
  }, 120_000);

  test('a switch that forgets a kind does not compile', async () => {
    const file = join(project, 'snippet-1.ts');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace("    case 'undo_stuck':\n", ''));
    expect(await compile({ noEmit: true })).toContain('TS2366');
    writeFileSync(file, whole);
  }, 120_000);

  test('only the entry can be imported, in both kinds of module', async () => {
    const keys = `Object.keys(c).filter((key) => /^Counter/.test(key)).sort().join()`;
    const print = async (...args: string[]): Promise<string> =>
      (await run(process.execPath, args, { cwd: project })).stdout.trim();
    const esm = `import * as c from 'countersign'; console.log(${keys})`;
    expect(await print('--input-type=module', '-e', esm)).toBe('Countersign,CountersignError');
    const cjs = `const c = require('countersign'); console.log(${keys})`;
    expect(await print('--input-type=commonjs', '-e', cjs)).toBe('Countersign,CountersignError');
    const inside = `try { require('countersign/dist/db/pool.js') } catch ({ code }) { console.log(code) }`;
    expect(await print('--input-type=commonjs', '-e', inside)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

describe('against a real gateway and worker', () => {
  let spine: Spine;
  beforeAll(async () => {
    spine = await startSpine();
    writeFileSync(join(project, 'main.mts'), MAIN);
    expect(await compile()).toBe('');
  }, 120_000);
  afterAll(() => spine.stop());

  /** A process of its own, each time. */
  const agent = async (...args: string[]): Promise<any> => {
    const env = { COUNTERSIGN_URL: spine.gatewayUrl, COUNTERSIGN_AGENT_KEY: spine.agentKey };
    const { stdout } = await run(process.execPath, [join(project, 'main.mjs'), ...args], { env, timeout: 60_000 });
    return JSON.parse(stdout);
  };

  test('the example pays an invoice, and paying it again pays nothing', async () => {
    const small = JSON.stringify(invoice());
    const first = await agent('pay', small);
    expect(first).toMatchObject({ pay: { amountMinor: 12_300, currency: 'EUR' } });
    expect(await agent('pay', small)).toEqual(first);
    expect(spine.services.payments.book.records()).toHaveLength(1);
  }, 60_000);

  test('a model calls it as a tool, and is told in words why not', async () => {
    const answer = await agent('tool', JSON.stringify(invoice({ vendorId: 'nobody-knows' })));
    expect(answer).toMatch(/^This was not done: the policy does not allow it\./);
  }, 60_000);

  test('what one process asked for, another hears of, after a person has decided', async () => {
    const id = await agent('ask', JSON.stringify(largeInvoice()));
    const heard = agent('hear', id);
    expect((await vote(spine, 'bob', id, 'deny')).status).toBe(200);
    expect(await heard).toMatch(/^This was not done: a person who may decide it said no\./);
  }, 60_000);

  test('what a process decides itself is recorded before it ends', async () => {
    const directory = await projectWithDependencies();
    writeFileSync(join(directory, 'guards.mjs'), GUARDS);
    const env = {
      COUNTERSIGN_URL: spine.gatewayUrl,
      COUNTERSIGN_AGENT_KEY: spine.agentKey,
      COUNTERSIGN_BUNDLE_KEY: join(spine.home, 'keys', 'bundle.pub.pem'),
    };
    const { stdout } = await run(process.execPath, [join(directory, 'guards.mjs')], { env, timeout: 60_000 });
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'executed', lane: 'cooperative', result: 'inv-1.xml' });
    const { rows } = await spine.auditor.query('select effect, verdict from reported_decisions');
    expect(rows).toEqual([{ effect: 'allow', verdict: 'confirmed' }]);
  }, 60_000);
});

/** Ends without a word: what was decided is recorded before the process is gone. */
const GUARDS = `
import { Countersign } from 'countersign';
const cs = Countersign.fromEnv();
const outcome = await cs.guard('invoices.read_file', { file: 'inv-1.xml', bytes: 2000 }, ({ file }) => file);
console.log(JSON.stringify(outcome));
`;

const MAIN = `
import { callTool } from './snippet-3.js';
import { ask, hear } from './snippet-2.js';
import { payInvoice } from './snippet-0.js';

declare const process: { readonly argv: readonly string[] };
const [, , verb, argument = ''] = process.argv;
const task = { id: 'task-1' };
const answer = async (): Promise<unknown> => {
  switch (verb) {
    case 'pay':
      return payInvoice(JSON.parse(argument), task);
    case 'tool':
      return callTool('run-1', { id: 'call-1', name: 'payments-pay_invoice', input: JSON.parse(argument) });
    case 'ask':
      return ask(JSON.parse(argument), task);
    default:
      return hear(argument, new AbortController().signal);
  }
};
console.log(JSON.stringify(await answer()));
`;
