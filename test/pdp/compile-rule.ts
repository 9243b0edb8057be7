import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readArchive } from '../../bundle/rego/read-archive';
import { runOpa } from '../../bundle/rego/run-opa';
import { withWorkspace } from '../../bundle/rego/workspace';
import { opa } from '../bundle/policy-directory';

/** A policy that no build of ours would let pass: the decision rule itself, compiled with everything that opa can do. */
export async function compileRule(decision: string): Promise<Uint8Array<ArrayBuffer>> {
  return withWorkspace(
    [{ file: 'd.rego', text: `package countersign.decision\n\n${decision}\n` }],
    async (directory) => {
      const run = await runOpa(
        await opa(),
        ['build', '-t', 'wasm', '-e', 'countersign/decision/result', '-o', 'b.tar.gz', 'd.rego'],
        directory,
      );
      if (!run.ok) throw new Error(run.stderr);
      const wasm = readArchive(await readFile(join(directory, 'b.tar.gz')), '/policy.wasm');
      if (wasm === undefined) throw new Error('no policy.wasm');
      return new Uint8Array(wasm);
    },
  );
}
