import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildBundle } from '../../bundle/build-bundle';
import { compileCommitted } from '../../bundle/compile-committed';
import { packageRoot } from '../../config/paths';
import { build, INFRA, keys, opa, policyDirectory } from './policy-directory';

const noOpa = (): Promise<string> => Promise.reject(new Error('opa was asked for'));

const options = { privateKeyPem: keys.privateKeyPem, version: 1 };

it('X33 the same directory gives the same bytes, in whatever order its files were written', async () => {
  const [one, two] = [await build(INFRA), await build(Object.fromEntries(Object.entries(INFRA).reverse()))];
  expect(two).toEqual(one);
});

it('every change gives another digest', async () => {
  const digests = new Set<string>();
  for (const change of [
    {},
    { 'data/freeze.yaml': 'frozen: []\n' },
    { 'packs/team/a/a.rego': 'package packs.team.a\n' },
  ]) {
    digests.add((await build({ ...INFRA, ...change })).manifest.digest);
  }
  expect(digests.size).toBe(3);
});

it('tests are no part of a bundle', async () => {
  const { content } = await build(INFRA);
  expect(Object.keys(content.rego)).toEqual([
    'countersign/decision.rego',
    'countersign/finding.rego',
    'packs/org/restarts.rego',
  ]);
});

it('a compiled policy is kept, and used until its sources change', async () => {
  const directory = await policyDirectory(INFRA);
  const cacheDir = await policyDirectory({});
  const first = await buildBundle({ ...options, directory, cacheDir, opaPath: opa });
  expect(await buildBundle({ ...options, directory, cacheDir, opaPath: noOpa })).toEqual(first);
  const [key = ''] = await readdir(cacheDir);
  await writeFile(join(cacheDir, key, 'policy.wasm'), 'something else');
  await expect(buildBundle({ ...options, directory, cacheDir, opaPath: noOpa })).rejects.toThrow('opa was asked for');
});

it('a directory with its policy compiled beside it needs no opa, until its Rego changes', async () => {
  const directory = await policyDirectory(INFRA);
  await expect(buildBundle({ ...options, directory })).rejects.toThrow('compiling needs opa');
  expect(await compileCommitted(directory, await opa(), { write: true })).toBe(false);
  expect(await compileCommitted(directory, await opa(), { write: false })).toBe(true);
  const built = await buildBundle({ ...options, directory });
  expect(built).toEqual(await build(INFRA));
  await writeFile(join(directory, 'data/freeze.yaml'), 'frozen: []\n');
  expect((await buildBundle({ ...options, directory })).content.wasm).toBe(built.content.wasm);
  await writeFile(join(directory, 'packs/org/restarts.rego'), 'package packs.org.restarts\n');
  await expect(buildBundle({ ...options, directory })).rejects.toThrow('compiling needs opa');
});

it.each(['demo/policies', 'policies/starter'])(
  'what is committed compiled in %s is what its Rego compiles to',
  async (name) => {
    const directory = await policyDirectory({});
    await cp(join(packageRoot(), name), directory, { recursive: true });
    expect(await compileCommitted(directory, await opa(), { write: false })).toBe(true);
  },
);
