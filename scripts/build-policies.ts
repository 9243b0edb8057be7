import { join } from 'node:path';
import { compileCommitted } from '../bundle/compile-committed';
import { packageRoot } from '../config/paths';
import { findTool } from '../stack/find-tool';

const DIRECTORIES = ['demo/policies', 'policies/starter'];

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Compiles the policies that are committed compiled, so that running them needs no opa. With `--check` only says whether they are up to date. */
async function buildPolicies(check: boolean): Promise<void> {
  const opa = await findTool('opa', say);
  for (const directory of DIRECTORIES) {
    const same = await compileCommitted(join(packageRoot(), directory), opa, { write: !check });
    say(
      `${directory}/compiled ${same ? 'matches its sources' : check ? 'is not what its sources compile to' : 'was compiled anew'}`,
    );
    if (check && !same) process.exitCode = 1;
  }
  if (process.exitCode === 1) say('Run: node dist/scripts/build-policies.js');
}

buildPolicies(process.argv.includes('--check')).catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
