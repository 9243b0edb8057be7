/**
 * Builds dist/: TypeScript, then the bundle of workflow code. Does only what has changed, says what on stderr, and says nothing when there is
 * nothing to do. Builds that run at once wait for each other.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Countersign needs Node 20.19 or later; this is ${process.versions.node}.\n`);
  process.exit(1);
}

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const NOT_SOURCES = new Set(['node_modules', 'dist', 'coverage']);
/** Makes spans inside workflows; only in a bundle of its own, so that whoever keeps no traces runs none of it. */
const TRACING = createRequire(import.meta.url).resolve(
  '@temporalio/interceptors-opentelemetry-v2/lib/workflow-interceptors.js',
);
/**
 * Before the bundle, which freezes what it can change. The SDK takes a trace of every promise of a workflow, and looks each of its places up in the
 * source map: a fifth of a worker's time. Two places say where something was thrown, and by whom it was called.
 */
const SHORT_TRACES = 'Error.stackTraceLimit = 2;';
const LOCK = 'dist/.build-lock';
const say = (line) => process.stderr.write(`build: ${line}\n`);

/** All files of a directory that the compiler may read, in an order that does not change. */
function sources(directory) {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && !NOT_SOURCES.has(name))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? sources(path) : /\.(ts|tsx)$/.test(path) ? [path] : [];
    })
    .sort();
}

function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** Runs `make` unless `stamp` says that these very inputs have been made into `product` before. */
async function whenChanged({ stamp, inputs, product, make }) {
  const digest = digestOf(inputs);
  if (existsSync(stamp) && existsSync(product) && readFileSync(stamp, 'utf8') === digest) return true;
  rmSync(stamp, { force: true });
  const good = await make();
  if (good) writeFileSync(stamp, digest);
  return good;
}

function compile() {
  say('compiling …');
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', '.'], { stdio: ['ignore', 2, 2] }).status === 0;
}

/** Removes what was compiled from sources that are no more: a package would carry it along. */
function prune(all) {
  const stems = new Set(all.map((path) => path.replace(/\.tsx?$/, '')));
  for (const path of readdirSync('dist', { recursive: true })) {
    const [, stem] = /^(.*[\\/].*)\.(?:js|js\.map|d\.ts)$/.exec(path) ?? [];
    if (stem !== undefined && !stems.has(stem)) rmSync(join('dist', path), { force: true });
  }
}

async function bundleWorkflows() {
  say('bundling workflows …');
  const { bundleWorkflowCode } = await import('@temporalio/worker');
  const quiet = () => undefined;
  const logger = {
    log: quiet,
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: (text) => say(text),
    error: (text) => say(text),
  };
  // The one with tracing first: that the other is there says that both are.
  for (const [name, workflowInterceptorModules] of [
    ['workflow-bundle-traced.js', [TRACING]],
    ['workflow-bundle.js', []],
  ]) {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(process.cwd(), 'workflows/index.ts'),
      workflowInterceptorModules,
      failureConverterPath: join(process.cwd(), 'temporal/failure-converter.ts'),
      preloadModules: [join(process.cwd(), 'workflows/index.ts'), join(process.cwd(), 'temporal/failure-converter.ts')],
      logger,
    });
    writeFileSync(`dist/${name}.unfinished`, SHORT_TRACES + code);
    renameSync(`dist/${name}.unfinished`, `dist/${name}`);
  }
  return true;
}

const lives = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Held while building. The file of a build that was killed is taken over. */
async function takeLock() {
  mkdirSync('dist', { recursive: true });
  for (let told = false; ; told = true) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : '';
    if (holder !== '' && !lives(Number(holder))) rmSync(LOCK, { force: true });
    else if (!told) say(`waiting for the build of process ${holder} …`);
    await sleep(100);
  }
}

await takeLock();
try {
  const all = sources('.');
  const settings = ['tsconfig.json', 'package-lock.json'];
  const compiled = await whenChanged({
    stamp: 'dist/.compiled',
    inputs: [...settings, ...all],
    product: 'dist/.tsbuildinfo',
    make: () => compile() && (prune(all), true),
  });
  const bundled = await whenChanged({
    stamp: 'dist/.bundled',
    inputs: [
      'package-lock.json',
      'scripts/build.mjs',
      ...all.filter((path) => /^(workflows|domain)\/|^temporal\/failure-converter/.test(path)),
    ],
    product: 'dist/workflow-bundle.js',
    make: bundleWorkflows,
  });
  if (!compiled || !bundled) process.exitCode = 1;
} finally {
  rmSync(LOCK, { force: true });
}
