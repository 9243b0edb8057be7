import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Config } from '../../config/config';
import { publicKeysOf, SIGNING_KEYS } from '../../config/public-keys-of';
import { missingPayloadKeys, payloadKeyStanding } from '../../db/use-payload-key';
import { fingerprintOf } from '../../evidence/note';
import { CodecKeysError, readCodecKeys } from '../../temporal/codec-keys';
import { withDatabase } from './check-database';
import { type Check, type Finding, off, ok, problem } from './finding';
import { type Places } from './places';

const SEE = 'docs/keys.md says who holds which key, and how it is replaced.';

/** Files, rights and ids of the keys in the directory of keys, as far as this process needs them. */
export function keyChecks(config: Config, places: Places): Check[] {
  return [
    {
      name: 'keys',
      remedy: SEE,
      look: () => [...presence(config, places), ...pairs(config.keys), ...rights(config.keys)],
    },
    { name: 'keys of payloads', remedy: SEE, look: async () => await payloadKeys(config.keys, places) },
  ];
}

function presence({ keys, workerRole }: Config, { database }: Places): readonly Finding[] {
  const orders = database.worker !== undefined && workerRole !== 'effects';
  const touches = database.worker !== undefined && workerRole !== 'workflows';
  const needed = [
    'bundle.pub.pem',
    ...(database.gateway !== undefined ? ['agents.key.pem'] : []),
    ...(database.gateway !== undefined || touches ? ['facts.key.pem'] : []),
    ...(orders ? ['checkpoint.key.pem'] : []),
    ...(touches ? ['effects.key.pem'] : []),
  ];
  const missing = needed.filter((name) => !existsSync(join(keys, name)));
  if (missing.length > 0) return [problem(`${keys} lacks ${missing.join(', ')}`, SEE)];
  return [ok(`${keys} has what is needed here`)];
}

/** A private key beside the public half of another signs what nobody accepts. */
function pairs(keys: string): readonly Finding[] {
  return SIGNING_KEYS.filter((name) => existsSync(join(keys, `${name}.pub.pem`))).flatMap((name) => {
    const file = join(keys, `${name}.key.pem`);
    let current: KeyObject;
    let own: string | undefined;
    try {
      current = createPublicKey(publicKeysOf(keys, name).current);
      own = existsSync(file) ? fingerprintOf(createPublicKey(createPrivateKey(readFileSync(file)))) : undefined;
    } catch {
      return [problem(`a file of the ${name} key is no key that can be read`, SEE)];
    }
    if (own !== undefined && own !== fingerprintOf(current))
      return [problem(`${name}.pub.pem is not the public half of ${name}.key.pem`, SEE)];
    return [ok(`${name} ${fingerprintOf(current)}`)];
  });
}

/** Private files that other accounts of this machine could read. */
function rights(keys: string): readonly Finding[] {
  const secrets = join(keys, 'secrets');
  const files = [
    ...(existsSync(keys) ? readdirSync(keys) : []).filter((name) => name.endsWith('.key.pem') || name === 'codec.json'),
    ...(existsSync(secrets) ? readdirSync(secrets).map((name) => join('secrets', name)) : []),
  ].map((name) => join(keys, name));
  const open = files.filter(isOpen);
  if (open.length === 0) return [];
  return [problem(`others may read or write ${open.join(', ')}`, `chmod go= ${open.join(' ')}`)];
}

/** Of what a container is handed (another account's files, or a file system that is only read), the machine that hands it over decides. */
function isOpen(path: string): boolean {
  const { mode, uid } = statSync(path);
  return (mode & 0o077) !== 0 && uid === process.getuid?.() && !isReadOnly(path) && !isClosed(dirname(path));
}

function isReadOnly(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS';
  }
}

/** Below a closed directory rights say nothing. */

function isClosed(directory: string): boolean {
  if ((statSync(directory).mode & 0o011) === 0) return true;
  return dirname(directory) !== directory && isClosed(dirname(directory));
}

async function payloadKeys(keys: string, { database }: Places): Promise<readonly Finding[]> {
  try {
    const held = await readCodecKeys(join(keys, 'codec.json'));
    const all = `${[...held.keys.keys()].join(', ')}; ${held.current} encrypts`;
    const url = database.gateway ?? database.worker;
    if (url === undefined) return [off(`${all}; which were ever used, only the database knows`)];
    const missing = await withDatabase(url, (pool) => missingPayloadKeys(pool, held.keys));
    if (missing.length > 0)
      return [problem(`codec.json lacks, or has others for: ${missing.join(', ')}`, `Put them back. ${SEE}`)];
    if ((await withDatabase(url, (pool) => payloadKeyStanding(pool, held))) !== 'unknown') return [ok(all)];
    const { current } = held;
    return [problem(`${current} encrypts and is not registered`, `countersign keys codec use ${current}. ${SEE}`)];
  } catch (error) {
    if (error instanceof CodecKeysError) return [problem(error.message, SEE)];
    throw error;
  }
}
