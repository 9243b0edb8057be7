import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { type Pool, type PoolClient } from 'pg';
import { noteHash, openCheckpointByAny, originOf, signCheckpoint } from '../evidence/checkpoint';
import { appendNote, CheckpointFileError, readLastNote } from '../evidence/checkpoint-file';
import { Frontier, leafHash } from '../evidence/merkle';
import { NoteError } from '../evidence/note';
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
  /** Another process is at it. */
  | { readonly outcome: 'busy'; readonly tenant: string }
  /** The log contradicts what was signed. An alarm: nothing is signed until a person has looked. */
  | {
      readonly outcome: 'refused';
      readonly tenant: string;
      readonly code: CheckpointRefusal;
      readonly message: string;
      /** How many entries the signed checkpoint covers that the log does not bear out; absent where the file is at fault. */
      readonly contradicts?: number;
    }
  | { readonly outcome: 'failed'; readonly tenant: string; readonly error: unknown };

class Refused extends Error {
  constructor(
    readonly code: CheckpointRefusal,
    message: string,
    readonly contradicts?: number,
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
 * Signs the head of the tenant's log and appends it to the file, if the log has entries after the last checkpoint and
 * still begins with those that the last checkpoint covers. The table `checkpoints` gets a copy that nothing relies on.
 */
export async function writeCheckpoint(deps: CheckpointDeps, tenant: string): Promise<CheckpointReport> {
  const client = await deps.pool.connect();
  let broken: Error | undefined;
  // As in `inTransaction`: a session may end while the file is written.
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  try {
    const lock = `hashtextextended('countersign/checkpoint/' || $1::text, 0)`;
    const { rows } = await client.query<{ locked: boolean }>(`select pg_try_advisory_lock(${lock}) as locked`, [
      tenant,
    ]);
    if (rows[0]?.locked !== true) return { outcome: 'busy', tenant };
    try {
      return await extend(deps, client, tenant);
    } finally {
      await client
        .query(`select pg_advisory_unlock(${lock})`, [tenant])
        .catch((error: unknown) => (broken = error as Error));
    }
  } catch (error) {
    if (error instanceof Refused) {
      const { code, message, contradicts } = error;
      return { outcome: 'refused', tenant, code, message, ...(contradicts !== undefined && { contradicts }) };
    }
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function extend(
  { signer, replaced = [], directory, memory }: CheckpointDeps,
  client: PoolClient,
  tenant: string,
): Promise<CheckpointReport> {
  const known = memory.get(tenant);
  memory.delete(tenant); // its frontier moves on below; only a success makes it true again
  const lastNote = await lastExported(directory, tenant);
  const keys = [...replaced.map(({ publicKey }) => publicKey), createPublicKey(signer)];
  const opened = lastNote === undefined ? undefined : openExported(lastNote, tenant, keys);
  const last = opened?.checkpoint;
  const signed = last?.size ?? 0;
  await refuseLostNotes(client, tenant, signed);
  if (opened !== undefined) await recordNewKeys(client, tenant, replaced.slice(opened.by), createPublicKey(signer));
  const size = await ledgerSize(client, tenant);
  if (size < signed)
    throw new Refused('ledger_truncated', `the log has ${size} entries, the last checkpoint counts ${signed}`, signed);

  const log =
    known !== undefined && known.frontier.size <= signed && (await stillThere(client, tenant, known))
      ? known
      : newLog();
  await advance(client, tenant, log, signed);
  if (last !== undefined && !log.frontier.root().equals(last.root)) {
    const message = `the first ${signed} entries are not those that the last checkpoint covers`;
    throw new Refused('ledger_forked', message, signed);
  }
  await advance(client, tenant, log, size);
  if (size > signed) {
    const root = log.frontier.root();
    const note = signCheckpoint(
      { origin: originOf(tenant), size, root, ...(lastNote !== undefined && { previous: noteHash(lastNote) }) },
      signer,
    );
    await appendNote(directory, tenant, note);
    const copy =
      'insert into checkpoints (tenant, size, root, note) values ($1::text, $2::bigint, $3::bytea, $4::text)';
    await client.query(copy, [tenant, size, root, note]);
  }
  memory.set(tenant, log);
  return { outcome: size > signed ? 'written' : 'current', tenant, size };
}

async function lastExported(directory: string, tenant: string): Promise<string | undefined> {
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
async function refuseLostNotes(client: PoolClient, tenant: string, signed: number): Promise<void> {
  const { rows } = await client.query<{ size: string }>(
    'select coalesce(max(size), 0)::text as size from checkpoints where tenant = $1::text',
    [tenant],
  );
  const copied = Number(rows[0]?.size ?? 0);
  if (copied > signed) {
    throw new Refused(
      'checkpoint_file_missing',
      `a checkpoint over ${copied} entries was exported, the file ends at ${signed}: put the whole file back`,
    );
  }
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
