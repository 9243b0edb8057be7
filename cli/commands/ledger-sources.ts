import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type Pool, type PoolClient } from 'pg';
import { type Config } from '../../config/config';
import { publicKeysOf } from '../../config/public-keys-of';
import { readConfig } from '../../config/read-config';
import { createPool } from '../../db/pool';
import { type LedgerRecord } from '../../db/ledger-read';
import { type LeafRecord } from '../../evidence/check-ledger';
import { originOf } from '../../evidence/checkpoint';
import { splitNotes } from '../../evidence/checkpoint-chain';
import { checkpointFile } from '../../evidence/checkpoint-file';
import { publishedAddresses } from '../../stack/published-addresses';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';

/** Options that every verb of `ledger` takes. */
export interface SourceOptions {
  readonly databaseUrl?: string;
  readonly checkpoints?: string;
  readonly publicKey?: readonly string[];
}

export function withSourceOptions(command: Command): Command {
  return command
    .option(
      '--database-url <url>',
      'read the log from here (default: DATABASE_URL_AUDITOR, or the database of the stack on this machine)',
    )
    .option(
      '--checkpoints <path>',
      'directory of exported checkpoints, or the file of one tenant (default: <home>/checkpoints)',
    )
    .option(
      '--public-key <file>',
      'public key of checkpoints, PEM; where it was replaced, again for each, oldest first (default: those among the keys)',
      (file: string, before: readonly string[] = []) => [...before, file],
    );
}

/** Options of whatever verifies. */
export interface VerifyingOptions extends SourceOptions {
  readonly acceptRestore?: readonly number[];
}

/** Those of the sources, and what the verifier knows of. */
export function withVerifyingOptions(command: Command): Command {
  return withSourceOptions(command).option(
    '--accept-restore <seq>',
    'you know of the restored backup that this entry acknowledges; again for each',
    (seq: string, before: readonly number[] = []) => {
      if (!/^\d{1,15}$/.test(seq)) throw new InvalidArgumentError('The number of an entry.');
      return [...before, Number(seq)];
    },
  );
}

/** Where a stack without other settings exports its checkpoints. */
export function checkpointDirectory(config: Pick<Config, 'home'>): string {
  return join(config.home, 'checkpoints');
}

/** The keys that checkpoints are checked by, oldest first: those that are named, or those among the keys of this machine. */
export async function readPublicKeys({
  publicKey: given,
}: SourceOptions): Promise<readonly [...KeyObject[], KeyObject]> {
  const { keys } = readConfig();
  const path = given?.join(', ') ?? join(keys, 'checkpoint.pub.pem');
  try {
    const [newest, ...older] = (
      given === undefined ? ownKeys(keys) : await Promise.all(given.map((file) => readFile(file)))
    )
      .map((pem) => createPublicKey(pem))
      .toReversed();
    if (newest === undefined) throw new CommandFailed(EXIT.usage, 'no public key was given');
    if ([newest, ...older].some((key) => key.asymmetricKeyType !== 'ed25519'))
      throw new CommandFailed(EXIT.usage, `${path} is not an Ed25519 key`);
    return [...older.toReversed(), newest];
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    throw new CommandFailed(
      EXIT.usage,
      `${path} cannot be used as the public key of checkpoints: give --public-key <file>`,
      {
        cause: error,
      },
    );
  }
}

function ownKeys(directory: string): readonly string[] {
  const { current, retired } = publicKeysOf(directory, 'checkpoint');
  return [...retired.map(({ pem }) => pem), current];
}

/** Opens the database for as long as `work` takes. The session is read-only whatever role the URL names. */
export async function withLog<T>({ databaseUrl }: SourceOptions, work: (log: PoolClient) => Promise<T>): Promise<T> {
  const url = databaseUrl ?? knownDatabase(readConfig());
  if (url === undefined)
    throw new CommandFailed(
      EXIT.usage,
      'no database: start the stack, set DATABASE_URL_AUDITOR or give --database-url',
    );
  const pool = createPool(url, ignoreIdle);
  try {
    const client = await openReadOnly(pool);
    try {
      return await work(client);
    } finally {
      client.release();
    }
  } finally {
    await pool.end();
  }
}

function knownDatabase({ database, home }: Config): string | undefined {
  return database.auditor ?? publishedAddresses(home)?.databaseUrl;
}

/** The one connection is never idle while it is needed; a query on a broken one fails by itself. */
function ignoreIdle(): void {}

async function openReadOnly(pool: Pool): Promise<PoolClient> {
  let client: PoolClient | undefined;
  try {
    client = await pool.connect();
    await client.query('set default_transaction_read_only = on');
    const { rows } = await client.query<{ limited: boolean }>(`select row_security_active('ledger') as limited`);
    if (rows[0]?.limited === false) return client;
  } catch (error) {
    client?.release(true);
    throw new CommandFailed(EXIT.usage, `the database cannot be read: ${(error as Error).message}`, { cause: error });
  }
  client.release(true);
  throw new CommandFailed(EXIT.usage, 'this role sees the rows of one tenant alone: use the role auditor');
}

/**
 * The exported notes of a tenant; none where nothing was exported. A note that is being written at this moment is left
 * out.
 */
export async function readNotes({ checkpoints }: SourceOptions, tenant: string): Promise<readonly string[]> {
  const given = checkpoints ?? checkpointDirectory(readConfig());
  const content = (await readIfThere(given)) ?? (await readIfThere(checkpointFile(given, tenant))) ?? '';
  const { notes, rest } = splitNotes(content);
  const first = `${originOf(tenant)}\n`;
  if (rest !== '' && !rest.startsWith(first) && !first.startsWith(rest))
    throw new CommandFailed(EXIT.usage, `the checkpoint file of ${tenant} ends with something that is no checkpoint`);
  return notes;
}

/**
 * Those that were kept from earlier, asked for by name: those of this machine need not belong to an export from another. Where there are none, nothing
 * would be compared, and whoever asked would not know.
 */
export async function readKept(options: SourceOptions, tenant: string): Promise<readonly string[]> {
  if (options.checkpoints === undefined) return [];
  const notes = await readNotes(options, tenant);
  if (notes.length > 0) return notes;
  throw new CommandFailed(EXIT.usage, `${options.checkpoints} holds no checkpoint of ${tenant}`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A stored row as the verifier takes it. */
export function leafRecord(row: LedgerRecord, bodies: boolean): LeafRecord {
  const body = row.body === null || row.salt === null ? null : { text: row.body, salt: row.salt };
  const columns = { tenant: row.tenant, key: row.key, at: row.at, body: row.bodyCommitment };
  return { seq: row.seq, leaf: row.leaf, hash: row.leafHash, columns, body: bodies ? body : undefined };
}
