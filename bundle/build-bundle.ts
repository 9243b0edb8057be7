import { type Catalogue } from '../domain/documents';
import { type SignedBundle } from '../pdp/bundle-format';
import { readCatalogue } from './documents/read-catalogue';
import { type PolicyDirectory, readDirectory } from './files/read-directory';
import { type Problem, PolicyProblems } from './problem';
import { checkRego } from './rego/check-rego';
import { compileRego } from './rego/compile-rego';
import { readCached, readCommitted, writeCached } from './rego/compiled-policy';
import { digestSources, type SourceDigests } from './rego/digest-sources';
import { readLibrary } from './rego/read-library';
import { signBundle } from './sign-bundle';

export interface BuildOptions {
  /** The policy directory. */
  readonly directory: string;
  /** Ed25519, PKCS8. */
  readonly privateKeyPem: string;
  /** Must grow with every bundle of a deployment. */
  readonly version: number;
  /** Where opa is, or how to find it: asked only if the directory holds no compiled policy that matches its Rego. */
  readonly opaPath?: string | (() => Promise<string>);
  /** Where compiled policies are kept between builds. */
  readonly cacheDir?: string;
}

/**
 * Reads, judges, compiles and signs a policy directory.
 *
 * @throws PolicyProblems with everything that is wrong with the directory.
 */
export async function buildBundle(options: BuildOptions): Promise<SignedBundle> {
  const { directory, problems } = await readDirectory(options.directory);
  const { catalogue, problems: documentProblems } = readCatalogue(directory.documents, directory.data);
  const rego = digestSources(await readLibrary(), directory.rego);
  const wasm = await compiledPolicy(options, directory, rego, [...problems, ...documentProblems]);
  return signBundle(
    { wasm: Buffer.from(wasm).toString('base64'), catalogue: catalogue satisfies Catalogue, rego },
    options.version,
    options.privateKeyPem,
  );
}

/** The policy of a directory, compiled; from wherever it takes least. Reports the documents' problems together with those of the Rego. */
async function compiledPolicy(
  options: BuildOptions,
  directory: PolicyDirectory,
  rego: SourceDigests,
  found: readonly Problem[],
): Promise<Uint8Array> {
  const kept =
    (await readCommitted(options.directory, rego)) ??
    (options.cacheDir === undefined ? undefined : await readCached(options.cacheDir, rego));
  if (kept !== undefined) {
    if (found.length > 0) throw new PolicyProblems(found);
    return kept;
  }
  const opaPath = typeof options.opaPath === 'function' ? await options.opaPath() : options.opaPath;
  if (opaPath === undefined)
    throw new Error(
      `The Rego of ${options.directory} was changed since it was compiled, and compiling needs opa. Name it in COUNTERSIGN_OPA.`,
    );
  const { modules, problems } = await checkRego(opaPath, directory.rego);
  if (found.length + problems.length > 0) throw new PolicyProblems([...found, ...problems]);
  const wasm = await compileRego(opaPath, modules);
  if (options.cacheDir !== undefined) await writeCached(options.cacheDir, rego, wasm);
  return wasm;
}
