import { type KeyObject } from 'node:crypto';
import { ID_PATTERN } from '../domain/ids';
import { isObject } from '../domain/json';
import { type LeafRecord } from './check-ledger';
import { originOf } from './checkpoint';
import { readLines } from './read-lines';

export const EXPORT_FORMAT = 'countersign-ledger/1';

const HASH = /^[0-9a-f]{64}$/;

/** First line of an export. The key is there to be compared with the one that the reader has from elsewhere. */
export interface ExportHeader {
  readonly format: typeof EXPORT_FORMAT;
  readonly tenant: string;
  readonly origin: string;
  /** SubjectPublicKeyInfo, DER, base64. */
  readonly publicKey: string;
  /** Where the key was replaced: those before it, oldest first. */
  readonly replacedKeys?: readonly string[];
  /** Whether the lines carry the bodies that have not been erased. */
  readonly bodies: boolean;
}

/** One line: an entry, a checkpoint, or something that is neither. */
export type ExportLine =
  | { readonly kind: 'leaf'; readonly record: LeafRecord }
  | { readonly kind: 'checkpoint'; readonly note: string }
  | { readonly kind: 'malformed'; readonly line: number };

/** The file is no export, or of another version. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
}

/** @param publicKeys those of the log's checkpoints, oldest first */
export function headerLine(tenant: string, publicKeys: readonly [...KeyObject[], KeyObject], bodies: boolean): string {
  const encoded = publicKeys.map((key) => key.export({ type: 'spki', format: 'der' }).toString('base64'));
  const replacedKeys = encoded.slice(0, -1);
  return JSON.stringify({
    format: EXPORT_FORMAT,
    tenant,
    origin: originOf(tenant),
    publicKey: encoded.at(-1) ?? '',
    ...(replacedKeys.length > 0 && { replacedKeys }),
    bodies,
  } satisfies ExportHeader);
}

export function leafLine({ seq, leaf, hash, body }: LeafRecord): string {
  return JSON.stringify({
    seq,
    leaf,
    hash: hash.toString('hex'),
    ...(body !== null && body !== undefined && { body: body.text, salt: body.salt.toString('base64') }),
  });
}

export function checkpointLine(note: string): string {
  return JSON.stringify({ checkpoint: note });
}

/** @throws ExportError */
export async function readExportHeader(path: string): Promise<ExportHeader> {
  const line = await firstLine(path);
  if (line === undefined) throw new ExportError(`${path} is empty`);
  const { format, tenant, origin, publicKey, bodies } = parseObject(line) ?? {};
  if (format !== EXPORT_FORMAT) throw new ExportError(`${path} is not an export in the format ${EXPORT_FORMAT}`);
  if (
    typeof tenant !== 'string' ||
    !ID_PATTERN.test(tenant) ||
    typeof publicKey !== 'string' ||
    typeof bodies !== 'boolean' ||
    origin !== originOf(tenant)
  ) {
    throw new ExportError(`the header of ${path} is incomplete or contradicts itself`);
  }
  return { format, tenant, origin, publicKey, bodies };
}

async function firstLine(path: string): Promise<string | undefined> {
  const lines = readLines(path);
  try {
    const first = await lines.next();
    return first.done === true ? undefined : first.value;
  } catch (error) {
    throw new ExportError(`${path} cannot be read`, { cause: error });
  } finally {
    await lines.return(undefined);
  }
}

/**
 * The lines after the header, one at a time.
 *
 * @throws ExportError
 */
export async function* readExportLines(path: string, bodies: boolean): AsyncGenerator<ExportLine> {
  let number = 0;
  try {
    for await (const line of readLines(path)) {
      number += 1;
      if (number > 1) yield parseLine(line, number, bodies);
    }
  } catch (error) {
    throw error instanceof RangeError ? new ExportError(error.message, { cause: error }) : error;
  }
  // A pipe gives its lines once: the next time there would seem to be none, and nothing wrong with them.
  if (number === 0) throw new ExportError(`${path} cannot be read twice: save it as a file`);
}

function parseLine(line: string, number: number, bodies: boolean): ExportLine {
  const { seq, leaf, hash, body, salt, checkpoint } = parseObject(line) ?? {};
  if (typeof checkpoint === 'string') return { kind: 'checkpoint', note: checkpoint };
  if (typeof seq !== 'number' || typeof leaf !== 'string' || typeof hash !== 'string' || !HASH.test(hash))
    return { kind: 'malformed', line: number };
  return {
    kind: 'leaf',
    record: {
      seq,
      leaf,
      hash: Buffer.from(hash, 'hex'),
      columns: null,
      body: bodyIn(body, salt) ?? (bodies ? null : undefined),
    },
  };
}

/** Whatever stands there as one is held against the leaf, also where the header promises none; what is no text is no body that was committed to. */
function bodyIn(body: unknown, salt: unknown): LeafRecord['body'] {
  if (body === undefined && salt === undefined) return undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { text: text(body), salt: Buffer.from(text(salt), 'base64') };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // the caller says which line it is
  }
}
