import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { createLedger, type Ledger, type LedgerEntry } from '../../db/ledger';
import { type CheckpointDeps, writeCheckpoint } from '../../db/checkpoint';
import { createTestDatabase, type TestDatabase } from '../helpers/database';

/** A database with a pool per role, a key and a directory for checkpoints. */
export interface TestLog {
  readonly database: TestDatabase;
  readonly gateway: Pool;
  readonly worker: Pool;
  readonly loops: Pool;
  readonly auditor: Pool;
  readonly owner: Pool;
  readonly superuser: Pool;
  readonly ledger: Ledger;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** Where the public key lies. */
  readonly keyFile: string;
  readonly directory: string;
  readonly checkpoints: CheckpointDeps;
  /** Statements of a superuser with every trigger and constraint check out of the way. */
  tamper(...statements: string[]): Promise<void>;
  close(): Promise<void>;
}

export async function createTestLog(): Promise<TestLog> {
  const database = await createTestDatabase();
  const pool = (url: string): Pool => new Pool({ connectionString: url, max: 8, pipeline: true });
  const [gateway, worker, loops] = [pool(database.gatewayUrl), pool(database.workerUrl), pool(database.loopsUrl)];
  const [auditor, owner, superuser] = [pool(database.auditorUrl), pool(database.ownerUrl), pool(database.superuserUrl)];
  const directory = await mkdtemp(join(tmpdir(), 'countersign-checkpoints-'));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keyFile = join(directory, 'key.pem');
  await writeFile(keyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  return {
    database,
    ...{ gateway, worker, loops, auditor, owner, superuser, privateKey, publicKey, keyFile, directory },
    ledger: createLedger(worker),
    checkpoints: { pool: loops, signer: privateKey, directory, memory: new Map() },
    tamper: async (...statements) => {
      const client = await superuser.connect();
      try {
        await client.query('set session_replication_role = replica');
        for (const statement of statements) await client.query(statement);
      } finally {
        client.release(true);
      }
    },
    close: async () => {
      await Promise.all([gateway, worker, loops, auditor, owner, superuser].map((each) => each.end()));
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Of the entry of this number among `entries`. */
export const keyOf = (prefix: string, i: number): string => `action/${prefix}/decided/${i}`;

/** What a worker may tell. */
export function entries(prefix: string, count: number, body = false): LedgerEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    key: keyOf(prefix, i),
    event: 'action.decided',
    entry: { action: prefix, round: i, effect: 'allow' },
    ...(body && { body: { approver: `Person ${i}`, note: 'line\nfeed \u2028 \u{1f600}' } }),
  }));
}

/** Ten entries with bodies; checkpoints over four and eight. */
export async function appendTen({ ledger, checkpoints }: TestLog, tenant: string): Promise<void> {
  for (const prefix of ['a', 'b']) {
    await ledger.append(tenant, entries(prefix, 4, true));
    await writeCheckpoint(checkpoints, tenant);
  }
  await ledger.append(tenant, entries('c', 2, true));
}
