import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
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

/**
 * Before anything is registered: that it can be written, that nothing is lost by it, and that `next` outlives an answer that does not come.
 * @returns `next`, or in its place the key of an enrolment that was cut off, where `path` holds that and nothing else
 * @throws CountersignError (`no_credential`)
 */
export async function reserveCredential(path: string, next: PrivateJwk): Promise<PrivateJwk> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    if (codeOf(error) === 'EEXIST') return undefined;
    throw unwritable(path, error);
  });
  if (file === undefined) return await pendingKey(path);
  try {
    await fill(file, { next });
    await keepName(path);
  } catch (error) {
    await rm(path, { force: true });
    throw unwritable(path, error);
  }
  return next;
}

/** Whole or not at all, still there after a power cut, and for nobody else to read. @throws CountersignError (`no_credential`) */
export async function writeCredential(path: string, credential: HeldCredential): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await fill(await open(unfinished, 'wx', 0o600), credential);
    await rename(unfinished, path);
    await keepName(path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unwritable(path, error);
  }
}

/** One that somebody else put there, or could read, would let them act as the agent. */
async function pendingKey(path: string): Promise<PrivateJwk> {
  const file = await open(path).catch((error: unknown) => {
    throw unusable(`${path} cannot be read (${codeOf(error)}).`);
  });
  try {
    const stat = await file.stat();
    const ours = stat.isFile() && stat.uid === process.geteuid?.() && (stat.mode & 0o077) === 0;
    const { next, ...more } = ours ? parsed(await file.readFile('utf8')) : {};
    if (typeof next?.x === 'string' && typeof next.d === 'string' && Object.keys(more).length === 0) return next;
  } finally {
    await file.close();
  }
  throw unusable(`${path} is there already, and may hold a key that is good.`);
}

async function fill(file: FileHandle, content: object): Promise<void> {
  try {
    await file.writeFile(`${JSON.stringify(content, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A power cut could else take the name of a file whose content is safe. */
async function keepName(path: string): Promise<void> {
  const directory = await open(dirname(path));
  await directory.sync().finally(() => directory.close());
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

function unwritable(path: string, error: unknown): CountersignError {
  return unusable(`${path} cannot be written (${codeOf(error)}).`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
}
