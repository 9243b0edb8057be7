import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keys that sign, by what they sign. docs/keys.md says who holds which. */
export const SIGNING_KEYS = ['agents', 'bundle', 'checkpoint', 'effects', 'facts'] as const;
export type SigningKey = (typeof SIGNING_KEYS)[number];

export interface PublicKeys {
  /** Of the key that signs now: what is new must be signed by it. As PEM. */
  readonly current: string;
  /** Of those that signed before, oldest first: what began under them is still read. */
  readonly retired: readonly { readonly number: number; readonly pem: string }[];
}

/** The public keys of one purpose, from the directory of keys. */
export function publicKeysOf(keys: string, name: SigningKey): PublicKeys {
  return { current: readFileSync(join(keys, `${name}.pub.pem`), 'utf8'), retired: retiredKeysOf(keys, name) };
}

/** Those that were replaced; they are in `retired/`, numbered. */
export function retiredKeysOf(keys: string, name: SigningKey): PublicKeys['retired'] {
  const directory = join(keys, 'retired');
  const numberOf = (file: string): number => Number(new RegExp(`^${name}-(\\d{1,6})\\.pub\\.pem$`).exec(file)?.[1]);
  const files = existsSync(directory) ? readdirSync(directory) : [];
  return files
    .map((file) => ({ number: numberOf(file), path: join(directory, file) }))
    .filter(({ number }) => number > 0)
    .sort((one, other) => one.number - other.number)
    .map(({ number, path }) => ({ number, pem: readFileSync(path, 'utf8') }));
}

/** All of them in one text, for whoever reads what began under any. Never for putting something new in force. */
export function everyPem({ current, retired }: PublicKeys): string {
  return [current, ...retired.map(({ pem }) => pem)].join('\n');
}
