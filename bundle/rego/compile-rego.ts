import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SourceText } from '../files/read-directory';
import { addFuel } from './add-fuel';
import { CAPABILITIES_FILE, opaCapabilities } from './opa-capabilities';
import { readArchive } from './read-archive';
import { runOpa } from './run-opa';
import { withWorkspace } from './workspace';

/** The one rule that a bundle answers. */
export const ENTRYPOINT = 'countersign/decision/result';

const ARCHIVE = 'bundle.tar.gz';

/** Compiles checked Rego to WebAssembly that runs out of fuel instead of running for ever. The same modules always give the same bytes. */
export async function compileRego(opaPath: string, modules: readonly SourceText[]): Promise<Uint8Array> {
  const wasm = await withWorkspace(
    [...modules, { file: CAPABILITIES_FILE, text: await opaCapabilities() }],
    async (directory) => {
      const run = await runOpa(
        opaPath,
        [
          'build',
          '--target',
          'wasm',
          '--entrypoint',
          ENTRYPOINT,
          '--capabilities',
          CAPABILITIES_FILE,
          '--output',
          ARCHIVE,
          'countersign',
          'packs',
        ],
        directory,
      );
      if (!run.ok) throw new Error(`opa build failed: ${run.stderr}`);
      return readArchive(await readFile(join(directory, ARCHIVE)), '/policy.wasm');
    },
  );
  if (wasm === undefined) throw new Error('opa build made no policy.wasm; opa 1.22 does.');
  return addFuel(wasm);
}
