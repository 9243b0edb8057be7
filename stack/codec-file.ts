import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CodecKeys, parseCodecKeys } from '../temporal/codec-keys';
import { writePrivate } from './write-private';

interface CodecFile {
  readonly current: string;
  readonly keys: Readonly<Record<string, string>>;
}

const pathIn = (directory: string): string => join(directory, 'codec.json');

/** Adds a key that decodes and does not encode yet. Every process must have it before one encodes with it. @returns its id */
export function addCodecKey(directory: string): string {
  const { current, keys } = read(directory);
  const numbers = Object.keys(keys).map((id) => Number(/^k(\d{1,6})$/.exec(id)?.[1] ?? 0));
  const id = `k${String(Math.max(0, ...numbers) + 1)}`;
  write(directory, { current, keys: { ...keys, [id]: randomBytes(32).toString('base64') } });
  return id;
}

/** Has everything that is written from now on encrypted with that key. @throws CodecKeysError if there is none of that id */
export function useCodecKey(directory: string, id: string): void {
  write(directory, { ...read(directory), current: id });
}

/** All keys of the file, and which of them encrypts. */
export function codecKeysIn(directory: string): CodecKeys {
  return parseCodecKeys(JSON.stringify(read(directory)));
}

/** Takes a key away for good; what it encrypted cannot be read any more. @throws CodecKeysError if it is the current one */
export function dropCodecKey(directory: string, id: string): void {
  const { current, keys } = read(directory);
  write(directory, { current, keys: Object.fromEntries(Object.entries(keys).filter(([each]) => each !== id)) });
}

function read(directory: string): CodecFile {
  const text = readFileSync(pathIn(directory), 'utf8');
  parseCodecKeys(text);
  return JSON.parse(text) as CodecFile;
}

function write(directory: string, file: CodecFile): void {
  const text = JSON.stringify(file);
  parseCodecKeys(text); // or no process could start with it
  writePrivate(pathIn(directory), text);
}
