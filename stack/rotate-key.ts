import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type SigningKey } from '../config/public-keys-of';
import { signHandover } from '../evidence/handover';
import { writePrivate } from './write-private';

/**
 * Makes a new key of that purpose. The public half of the old one goes to `retired/` under the next number; of the private half nothing is kept.
 * The old checkpoint key signs its last: that the new one follows it.
 *
 * Killed between two files it leaves what a second run puts right: at worst a number for a key that never signed.
 *
 * @returns the number of the old key
 */
export function rotateKey(directory: string, name: SigningKey): number {
  const path = join(directory, `${name}.key.pem`);
  const old = createPrivateKey(readFileSync(path, 'utf8'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const retired = join(directory, 'retired');
  mkdirSync(retired, { recursive: true, mode: 0o700 });
  const number = numbersIn(retired, name) + 1;
  const file = join(retired, `${name}-${String(number)}`);
  if (name === 'checkpoint') writePrivate(`${file}.handover`, signHandover(old, publicKey));
  // Derived, not copied: a run that was killed may have left the public half of another.
  writePrivate(`${file}.pub.pem`, spki(createPublicKey(old)));
  writePrivate(path, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  writePrivate(join(directory, `${name}.pub.pem`), spki(publicKey));
  return number;
}

function numbersIn(directory: string, name: SigningKey): number {
  const files = existsSync(directory) ? readdirSync(directory) : [];
  const numbers = files.map((file) => Number(new RegExp(`^${name}-(\\d{1,6})\\.`).exec(file)?.[1] ?? 0));
  return Math.max(0, ...numbers);
}

function spki(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString();
}
