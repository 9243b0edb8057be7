import { readDirectory } from './files/read-directory';
import { PolicyProblems } from './problem';
import { checkRego } from './rego/check-rego';
import { compileRego } from './rego/compile-rego';
import { readCommitted, writeCommitted } from './rego/compiled-policy';
import { digestSources } from './rego/digest-sources';
import { readLibrary } from './rego/read-library';

/**
 * Compiles the Rego of a directory and keeps the result beside it, in `compiled/`, to be committed: whoever runs the directory unchanged
 * then needs no opa.
 *
 * @returns Whether what was kept there before was the same already.
 * @throws PolicyProblems
 */
export async function compileCommitted(
  directory: string,
  opaPath: string,
  { write }: { readonly write: boolean },
): Promise<boolean> {
  const { directory: sources, problems } = await readDirectory(directory);
  const { modules, problems: regoProblems } = await checkRego(opaPath, sources.rego);
  if (problems.length + regoProblems.length > 0) throw new PolicyProblems([...problems, ...regoProblems]);
  const digests = digestSources(await readLibrary(), sources.rego);
  const wasm = await compileRego(opaPath, modules);
  const before = await readCommitted(directory, digests);
  const same = before !== undefined && Buffer.from(before).equals(wasm);
  if (!same && write) await writeCommitted(directory, digests, wasm);
  return same;
}
