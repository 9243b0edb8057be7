import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { type Pool, type PoolClient } from 'pg';
import { type Checkpoint, noteHash, openCheckpointByAny, originOf, signCheckpoint } from '../evidence/checkpoint';
import { appendNote, CheckpointFileError, type LastNote, readLastNote } from '../evidence/checkpoint-file';
import { Frontier, leafHash } from '../evidence/merkle';
import { NoteError } from '../evidence/note';
import { acknowledgedIn, type Doubted } from './ledger-doubts';
import { inTransaction } from './in-transaction';
import { recordNewKeys, type ReplacedKey } from './record-new-key';
import { ledgerSize, ledgerTenants, readLedger } from './ledger-read';

/** What a process remembers of a log that it has read; without it, the log is read from its beginning. */
export interface KnownLog {
  readonly frontier: Frontier;
  /** Hash of the last entry in the frontier. */
  lastLeaf: Buffer;
}

export interface CheckpointDeps {
  /** As the role `loops`. */
  readonly pool: Pool;
  /** The Ed25519 key of checkpoints. */
  readonly signer: KeyObject;
  /** Those that signed before it, and what each said of its successor; none while the first one signs. */
  readonly replaced?: readonly ReplacedKey[];
  /**
   * Outside the database, best on another machine: what the database says is believed only as far as this directory
   * bears it out.
   */
  readonly directory: string;
  /** One map per process, empty at first. */
  readonly memory: Map<string, KnownLog>;
}

export type CheckpointRefusal =
  'ledger_truncated' | 'ledger_forked' | 'checkpoint_unreadable' | 'checkpoint_file_missing';

export type CheckpointReport =
  | { readonly outcome: 'written' | 'current'; readonly tenant: string; readonly size: number }
  /** What was signed before is given up, as an operator acknowledged that an older backup was restored; it is signed on from there. */
  | { readonly outcome: 'restored'; readonly tenant: string; readonly size: number; readonly gaveUp: number }
  /** Another process is at it. */
  | { readonly outcome: 'busy'; readonly tenant: string }
  /** The log contradicts what was signed. An alarm: nothing is signed until a person has looked. */
  | {
      readonly outcome: 'refused';
      readonly tenant: string;
      readonly code: CheckpointRefusal;
      readonly message: string;
      /** The signed checkpoint that the log does not bear out; absent where the file is at fault. */
      readonly doubted?: Doubted;
    }
  | { readonly outcome: 'failed'; readonly tenant: string; readonly error: unknown };

class Refused extends Error {
  constructor(
    readonly code: CheckpointRefusal,
    message: string,
    readonly doubted?: Doubted,
  ) {
    super(message);
  }
}

/**
 * Signs and exports the head of every log that has grown, and looks at every log that was ever exported. One tenant's
 * trouble stops no other.
 */
export async function checkpointAll(deps: CheckpointDeps): Promise<readonly CheckpointReport[]> {
  const tenants = new Set([...(await ledgerTenants(deps.pool)), ...(await exportedTenants(deps.directory))]);
  const reports: CheckpointReport[] = [];
  for (const tenant of tenants) {
    try {
      reports.push(await writeCheckpoint(deps, tenant));
    } catch (error) {
      reports.push({ outcome: 'failed', tenant, error });
    }
  }
  return reports;
}

/**
 * A transaction, so that Postgres lets go of the lock of a process that it hears no more of: a session on a dead line would keep it for hours. Such
 * a transaction may be silent for longer than others, for it stands in nobody's way, and while a note is written there is nothing to say; a disk that
 * takes longer is broken.
 */
const OPENING = 'begin; set local idle_in_transaction_session_timeout = 10000';

/**
 * Signs the head of the tenant's log and appends it to the file, if the log has entries after the last checkpoint and
 * still begins with those that the last checkpoint covers. The table `checkpoints` gets a copy that nothing relies on.
 */
export async function writeCheckpoint(deps: CheckpointDeps, tenant: string): Promise<CheckpointReport> {
  const lock = `select pg_try_advisory_xact_lock(hashtextextended('countersign/checkpoint/' || $1::text, 0)) as locked`;
  try {
    return await inTransaction(
      deps.pool,
      async (client) => {
        const { rows } = await client.query<{ locked: boolean }>(lock, [tenant]);
        return rows[0]?.locked === true ? await extend(deps, client, tenant) : { outcome: 'busy', tenant };
      },
      () => OPENING,
    );
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, message, doubted } = error;
    return { outcome: 'refused', tenant, code, message, ...(doubted !== undefined && { doubted }) };
  }
}

async function extend(
  { pool, signer, replaced = [], directory, memory }: CheckpointDeps,
  client: PoolClient,
  tenant: string,
): Promise<CheckpointReport> {
  const known = memory.get(tenant);
  memory.delete(tenant); // its frontier moves on below; only a success makes it true again
  const { note: lastNote, end } = await lastExported(directory, tenant);
  const keys = [...replaced.map(({ publicKey }) => publicKey), createPublicKey(signer)];
  const opened = lastNote === undefined ? undefined : openExported(lastNote, tenant, keys);
  const last =
    lastNote === undefined || opened === undefined ? undefined : { ...opened.checkpoint, hash: noteHash(lastNote) };
  const copied = await copiedSize(client, tenant);
  if (copied > (last?.size ?? 0)) throw lostNotes(copied, last?.size ?? 0);
  if (opened !== undefined) await recordNewKeys(pool, tenant, replaced.slice(opened.by), createPublicKey(signer));
  const size = await ledgerSize(client, tenant);
  const { log, acknowledged } = await readOn(client, tenant, { known, last, size, copied });
  const grown = size > (last?.size ?? 0) || acknowledged !== undefined;
  if (grown) {
    const root = log.frontier.root();
    const previous = last === undefined ? {} : { previous: last.hash };
    const givesUp = acknowledged === undefined ? {} : { acknowledged };
    const note = signCheckpoint({ origin: originOf(tenant), size, root, ...previous, ...givesUp }, signer);
    if (!(await appendNote(directory, tenant, note, end))) return { outcome: 'busy', tenant };
    const copy =
      'insert into checkpoints (tenant, size, root, note) values ($1::text, $2::bigint, $3::bytea, $4::text)';
    await client.query(copy, [tenant, size, root, note]);
  }
  memory.set(tenant, log);
  if (acknowledged !== undefined) return { outcome: 'restored', tenant, size, gaveUp: last?.size ?? 0 };
  return { outcome: grown ? 'written' : 'current', tenant, size };
}

interface Reading {
  readonly known: KnownLog | undefined;
  readonly last: (Checkpoint & { readonly hash: string }) | undefined;
  readonly size: number;
  /** Of the newest copy in the database. */
  readonly copied: number;
}

/**
 * The log up to `size`, which begins with what the last checkpoint covers; or, by its number, the entry in which an operator takes on that it does
 * not. Such an entry counts for nothing in a database that itself has seen that checkpoint: nothing was restored there.
 */
async function readOn(
  client: PoolClient,
  tenant: string,
  reading: Reading,
): Promise<{ readonly log: KnownLog; readonly acknowledged?: number }> {
  const { last, size, copied } = reading;
  try {
    return { log: await continued(client, tenant, reading) };
  } catch (error) {
    if (!(error instanceof Refused) || error.doubted === undefined || last === undefined || copied >= last.size)
      throw error;
    const acknowledged = await acknowledgedIn(client, tenant, last.hash);
    if (acknowledged === undefined || acknowledged >= size) throw error;
    const log = newLog();
    await advance(client, tenant, log, size);
    return { log, acknowledged };
  }
}

async function continued(client: PoolClient, tenant: string, { known, last, size }: Reading): Promise<KnownLog> {
  const signed = last?.size ?? 0;
  const doubted = last && { contradicts: signed, checkpoint: last.hash };
  if (size < signed) {
    const message = `the log has ${size} entries, the last checkpoint counts ${signed}`;
    throw new Refused('ledger_truncated', message, doubted);
  }
  const log =
    known !== undefined && known.frontier.size <= signed && (await stillThere(client, tenant, known))
      ? known
      : newLog();
  await advance(client, tenant, log, signed);
  if (last !== undefined && !log.frontier.root().equals(last.root)) {
    const message = `the first ${signed} entries are not those that the last checkpoint covers`;
    throw new Refused('ledger_forked', message, doubted);
  }
  await advance(client, tenant, log, size);
  return log;
}

async function lastExported(directory: string, tenant: string): Promise<LastNote> {
  try {
    return await readLastNote(directory, tenant);
  } catch (error) {
    if (error instanceof CheckpointFileError) throw new Refused('checkpoint_unreadable', error.message);
    throw error;
  }
}

function openExported(
  note: string,
  tenant: string,
  keys: readonly KeyObject[],
): ReturnType<typeof openCheckpointByAny> {
  try {
    return openCheckpointByAny(note, originOf(tenant), keys);
  } catch (error) {
    if (error instanceof NoteError)
      throw new Refused('checkpoint_unreadable', `the last exported checkpoint: ${error.message}`);
    throw error;
  }
}

/** The copies in the database are believed in one thing only: that a file which knows of less has lost something. */
async function copiedSize(client: PoolClient, tenant: string): Promise<number> {
  const { rows } = await client.query<{ size: string }>(
    'select coalesce(max(size), 0)::text as size from checkpoints where tenant = $1::text',
    [tenant],
  );
  return Number(rows[0]?.size ?? 0);
}

function lostNotes(copied: number, signed: number): Refused {
  const message = `a checkpoint over ${copied} entries was exported, the file ends at ${signed}: put the whole file back`;
  return new Refused('checkpoint_file_missing', message);
}

function newLog(): KnownLog {
  return { frontier: new Frontier(), lastLeaf: Buffer.alloc(0) };
}

/** Reads on until the log's frontier covers `size` entries. */
async function advance(client: PoolClient, tenant: string, log: KnownLog, size: number): Promise<void> {
  for await (const record of readLedger(client, tenant, { from: log.frontier.size, to: size })) {
    if (record.seq !== log.frontier.size) break;
    log.lastLeaf = leafHash(record.leaf);
    log.frontier.append(log.lastLeaf);
  }
  if (log.frontier.size < size) throw new Refused('ledger_forked', `entry ${log.frontier.size} is missing`);
}

/**
 * A log restored from a backup and grown again differs at the last entry that was read: an entry tells its time and
 * key.
 */
async function stillThere(client: PoolClient, tenant: string, { frontier, lastLeaf }: KnownLog): Promise<boolean> {
  const at = frontier.size - 1;
  for await (const record of readLedger(client, tenant, { from: at, to: at + 1 }))
    return leafHash(record.leaf).equals(lastLeaf);
  return false;
}

async function exportedTenants(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => name.endsWith('.checkpoints')).map((name) => name.slice(0, -'.checkpoints'.length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
