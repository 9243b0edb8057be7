import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../config/paths';
import { findTool } from '../stack/find-tool';

const LIBRARY = join(packageRoot(), 'policies', 'lib');
const ALL = ['policies', 'demo/policies', 'docs/example/policies'].map((directory) => join(packageRoot(), directory));

/**
 * All Rego is formatted; the library that every bundle shares is strict and passes its tests. Whole policy directories, with
 * the library in them, are the business of `countersign policy check` and `test`.
 */
async function main(): Promise<void> {
  const opa = await findTool('opa', (line) => console.error(line));
  const runs = [
    ['fmt', '--diff', '--fail', ...ALL],
    ['check', '--strict', LIBRARY],
    ['test', LIBRARY],
  ];
  for (const args of runs) {
    const { status } = spawnSync(opa, args, { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
