import { hash } from 'node:crypto';
import { FUEL_VERSION } from '../../pdp/fuel';
import { type SourceText } from '../files/read-directory';
import { isTest } from './read-library';

/** SHA-256 of everything that the compiled policy is made from, by file. */
export type SourceDigests = Readonly<Record<string, string>>;

/** Digests of the library and the packs; tests are no part of a bundle. The modules that name the packs follow from these. */
export function digestSources(library: readonly SourceText[], rego: readonly SourceText[]): SourceDigests {
  const sources = [...library, ...rego].filter(({ file }) => !isTest(file));
  const entries = sources.map(({ file, text }): [string, string] => [file, `sha256:${hash('sha256', text)}`]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One key for all of it, and for how it is compiled: a file name in a cache. */
export function compiledKey(sources: SourceDigests): string {
  return hash('sha256', JSON.stringify([FUEL_VERSION, Object.entries(sources)]));
}
