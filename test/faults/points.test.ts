import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createControlActivities, createDecidingActivities, createEffectActivities } from '../../activities';
import { type TouchingDeps } from '../../activities/deps';
import { packageRoot } from '../../config/paths';
import { ACTIVITIES, SHARED, TRANSACTIONS } from './points';
import { readTransactions } from './read-transactions';
import { weaveActivities } from './weave';

const registered = (): Readonly<Record<string, (...args: never[]) => Promise<unknown>>> => {
  const deps = {} as TouchingDeps;
  return { ...createDecidingActivities(deps), ...createEffectActivities(deps), ...createControlActivities(deps) };
};

describe('F1 every place where a process may die is known', () => {
  it('every activity that a worker registers is in the table, and nothing else is', () => {
    expect(Object.keys(registered()).sort()).toEqual(Object.keys(ACTIVITIES).sort());
  });

  it('every transaction of the sources is in the table, and nothing else is', () => {
    expect([...new Set(readTransactions().map(({ name }) => name))].sort()).toEqual(Object.keys(TRANSACTIONS).sort());
  });

  it('two transactions have one name only where that is said', () => {
    const names = readTransactions().map(({ name }) => name);
    expect([...new Set(names.filter((name, index) => names.indexOf(name) !== index))].sort()).toEqual(SHARED);
  });

  it('each activity has its points by being registered', async () => {
    const passed: string[] = [];
    const one = { doIt: async () => Promise.resolve(passed.push('done')) };
    await weaveActivities(one, async (point) => void passed.push(point)).doIt();
    expect(passed).toEqual(['doIt:before', 'done', 'doIt:before-return']);
  });
});

describe('X84 what is shipped has no fault points', () => {
  const list = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: packageRoot(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(list) as [{ readonly files: readonly { readonly path: string }[] }];
  const scripts = files.map(({ path }) => path).filter((path) => /\.[cm]?js$/.test(path));

  it('there is a worker and a gateway in it', () => {
    expect(scripts).toEqual(expect.arrayContaining(['dist/worker/main.js', 'dist/gateway/main.js']));
  });

  it('no file of it is one of theirs, names one, or asks for them', () => {
    const texts = scripts.map((path) => [path, readFileSync(join(packageRoot(), path), 'utf8')] as const);
    const found = texts.filter(
      ([path, text]) => /^dist\/test\//.test(path) || /COUNTERSIGN_FAULTS|test\/faults/.test(text),
    );
    expect(found.map(([path]) => path)).toEqual([]);
  });

  it('no process of it ends itself by a signal', () => {
    const ours = scripts.filter((path) =>
      /^dist\/(worker|gateway|activities|db|loops|temporal|providers|channels)\//.test(path),
    );
    const found = ours.filter((path) =>
      /process\.(kill|abort)\b/.test(readFileSync(join(packageRoot(), path), 'utf8')),
    );
    expect(found).toEqual([]);
  });
});
