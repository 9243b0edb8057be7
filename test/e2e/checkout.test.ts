import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
}

describe('what is checked in', () => {
  it('names no host to install from: everybody’s own registry is asked', () => {
    const { packages } = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as Lock;
    expect(Object.keys(packages).length).toBeGreaterThan(100);
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved?.includes('://'))).toEqual([]);
  });

  it('names no directory of the machine that it was written on', () => {
    const directories = ['work', 'home', 'Users'].join('|');
    const search = ['grep', '-nE', '--untracked', `(^|[^A-Za-z0-9_.~-])/(${directories})/[a-z]`];
    const { status, stdout, stderr } = spawnSync('git', ['-c', 'safe.directory=*', ...search], {
      cwd: packageRoot(),
      encoding: 'utf8',
    });
    // 1: nothing was found. Anything above is git's own trouble.
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: '' });
  });
});
