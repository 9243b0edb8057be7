import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CountersignError } from './countersign-error';

/** An Ed25519 pair as a JWK (RFC 8037). `d` is the private half. */
export interface PrivateJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly d: string;
}

/** By what an agent is known at one gateway. One file is one process's: two that share it would each register the next key. */
export interface HeldCredential {
  readonly tenant: string;
  readonly agent: string;
  readonly kid: string;
  /** What assertions are addressed to. */
  readonly audience: string;
  /** RFC 3339, by the gateway's clock. */
  readonly registeredAt: string;
  readonly notAfter: string;
  readonly key: PrivateJwk;
  /** Written before it is registered: whoever is cut off meanwhile asks again with the same one. */
  readonly next?: PrivateJwk;
}

/** @throws CountersignError (`no_credential`) */
export async function readCredential(path: string): Promise<HeldCredential> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(`${path} cannot be read (${codeOf(error)}).`);
  });
  const value = parsed(text);
  const { agent, tenant, audience, kid, registeredAt, notAfter, key } = value;
  const texts = [agent, tenant, audience, kid, registeredAt, notAfter, key?.x, key?.d];
  if (!texts.every((each) => typeof each === 'string')) throw unusable(`${path} holds no credential of an agent.`);
  return value as HeldCredential;
}

/** Before anything is registered: that it can be written, and that nothing is lost by it. @throws CountersignError (`no_credential`) */
export async function reserveCredential(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    if (codeOf(error) === 'EEXIST') throw unusable(`${path} is there already, and may hold a key that is good.`);
    throw unusable(`${path} cannot be written (${codeOf(error)}).`);
  });
  await file.close();
}

/** Whole or not at all, still there after a power cut, and for nobody else to read. @throws CountersignError (`no_credential`) */
export async function writeCredential(path: string, credential: HeldCredential): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(credential, undefined, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    const directory = await open(dirname(path));
    await directory.sync().finally(() => directory.close());
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unusable(`${path} cannot be written (${codeOf(error)}).`);
  }
}

/** What the parser says would quote the file, and with it the key. */
function parsed(text: string): Partial<HeldCredential> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function unusable(what: string): CountersignError {
  const message = `${what} "countersign agents enrol" writes one, for a process of its own, which has to be able to replace it.`;
  return new CountersignError(message, { code: 'no_credential', status: 0 });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
}
