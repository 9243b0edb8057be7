// One process that runs tests against sources of which one may be replaced, again and again: `{ tests, file, text }` by message, `{ failed, reached }`
// in answer. It runs them by Jest's own parts, but loads Jest once: a run is as long as its tests, not seconds.
import fs from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
const ofJest = createRequire(require.resolve('jest'));
const circus = ofJest('jest-circus');

// One failure tells enough: neither the tests after it nor what fast-check makes smaller of it.
circus.addEventHandler((event, state) => {
  if (event.name === 'test_fn_failure') skipAll(state.rootDescribeBlock);
});
const skipAll = ({ children }) =>
  children.forEach((child) => (child.type === 'test' ? (child.mode = 'skip') : skipAll(child)));
require('fast-check').configureGlobal({ endOnFailure: true });
// A mutant that only one run in ten finds is not found by a test of which it can be said what it holds.
process.env.LEDGER_RUNS = '10';

const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus;
Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach });
globalThis.expect = ofJest('expect').expect;
const { ModuleMocker } = ofJest('jest-mock');
globalThis.jest = new ModuleMocker(globalThis);
globalThis.importByNode = (name) => import(name);

/** The same as Jest's transform of the tests. */
const compile = (text, filename) =>
  transformSync(text, {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs', ignoreDynamic: true },
    sourceMaps: false,
    swcrc: false,
  }).code;

const compiled = new Map();
let replaced = { path: undefined, text: '' };

// The offline verifier is copied before it is run.
const { readFileSync } = fs;
fs.readFileSync = (path, ...rest) => (path === replaced.path ? replaced.text : readFileSync(path, ...rest));

Module._extensions['.ts'] = (module, path) => {
  if (path === replaced.path) return module._compile(compile(replaced.text, path), path);
  if (!compiled.has(path)) compiled.set(path, compile(readFileSync(path, 'utf8'), path));
  module._compile(compiled.get(path), path);
};

function forgetSources() {
  for (const path of Object.keys(require.cache)) if (!path.includes('/node_modules/')) delete require.cache[path];
}

/** Why the tests fail, or nothing. */
async function failureOf(tests) {
  for (const file of tests) {
    forgetSources();
    circus.resetState();
    try {
      require(join(root, file));
    } catch (error) {
      return String(error);
    }
    const { testResults, unhandledErrors } = await circus.run();
    if (testResults.length === 0) return `${file} holds no tests`;
    const failed = testResults.find(({ errors }) => errors.length > 0);
    if (failed !== undefined) return `${failed.testPath.slice(1).join(' ')}: ${failed.errors[0]}`;
    if (unhandledErrors.length > 0) return unhandledErrors[0];
  }
  return undefined;
}

process.on('message', async ({ tests, file, text }) => {
  replaced = file === undefined ? { path: undefined, text: '' } : { path: join(root, file), text };
  globalThis.reached = false;
  const failed = await failureOf(tests);
  process.send({ failed, reached: globalThis.reached });
});
process.on('disconnect', () => process.exit());
