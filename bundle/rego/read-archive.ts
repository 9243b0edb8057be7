import { gunzipSync } from 'node:zlib';

/** A tar archive is made of blocks of this size. */
const BLOCK = 512;

/** One file out of a gzipped tar archive, as `opa build` writes it; `undefined` if it is not in there. */
export function readArchive(archive: Uint8Array, name: string): Uint8Array | undefined {
  const tar = gunzipSync(archive);
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    const entry = header.toString('latin1', 0, 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(header.toString('latin1', 124, 136), 8) || 0;
    if (entry === name) return tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}
