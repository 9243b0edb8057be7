import { hash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { COMPILED_FOLDER } from '../files/list-files';
import { compiledKey, type SourceDigests } from './digest-sources';

/**
 * Compiled policies that are kept: one beside its sources, committed with them, so that running needs no opa; and those in a cache
 * directory, by the digest of their sources. Both are used only if they were made from exactly the sources at hand.
 */

const record = z.strictObject({
  format: z.literal('countersign-compiled/1'),
  key: z.string(),
  sources: z.record(z.string(), z.string()),
  wasm: z.string(),
});

const WASM = 'policy.wasm';
const SOURCES = 'sources.json';

export async function readCommitted(directory: string, sources: SourceDigests): Promise<Uint8Array | undefined> {
  return readCompiled(join(directory, COMPILED_FOLDER), compiledKey(sources));
}

export async function writeCommitted(directory: string, sources: SourceDigests, wasm: Uint8Array): Promise<void> {
  await writeCompiled(join(directory, COMPILED_FOLDER), sources, wasm);
}

export async function readCached(cacheDir: string, sources: SourceDigests): Promise<Uint8Array | undefined> {
  const key = compiledKey(sources);
  return readCompiled(join(cacheDir, key), key);
}

export async function writeCached(cacheDir: string, sources: SourceDigests, wasm: Uint8Array): Promise<void> {
  await writeCompiled(join(cacheDir, compiledKey(sources)), sources, wasm);
}

async function readCompiled(folder: string, key: string): Promise<Uint8Array | undefined> {
  const text = await readIfThere(join(folder, SOURCES));
  const wasm = await readIfThere(join(folder, WASM));
  if (text === undefined || wasm === undefined) return undefined;
  const kept = record.parse(JSON.parse(text.toString('utf8')));
  return kept.key === key && kept.wasm === digest(wasm) ? wasm : undefined;
}

async function writeCompiled(folder: string, sources: SourceDigests, wasm: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true });
  const kept: z.infer<typeof record> = {
    format: 'countersign-compiled/1',
    key: compiledKey(sources),
    sources: { ...sources },
    wasm: digest(wasm),
  };
  await replace(join(folder, WASM), wasm);
  await replace(join(folder, SOURCES), `${JSON.stringify(kept, undefined, 2)}\n`);
}

/** Readers see the file before or after, never a part of it. */
async function replace(file: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${file}.${String(process.pid)}.tmp`;
  await writeFile(unfinished, content);
  await rename(unfinished, file);
}

function digest(wasm: Uint8Array): string {
  return `sha256:${hash('sha256', wasm)}`;
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
