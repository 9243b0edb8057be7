import { Pool, type PoolClient } from 'pg';
import { createLedger, type Ledger } from '../../db/ledger';
import { withTenant } from '../../db/with-tenant';
import { createTestDatabase } from './database';

type Role = 'gateway' | 'worker' | 'loops' | 'auditor' | 'superuser';

/** A database of the file's own, with a pool for each role. */
export interface World extends Readonly<Record<Role, Pool>> {
  readonly ledger: Ledger;
  readonly ownerUrl: string;
  readonly gatewayUrl: string;
  /** One transaction of one tenant, as a role. */
  as<T>(role: Role, tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
  /** Rows as they are, whoever they belong to. */
  rows<T extends object>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

/** `connections`: of each pool, for tests that race. */
export async function createWorld(connections = 8): Promise<World> {
  const database = await createTestDatabase();
  let closing = false;
  const pool = (connectionString: string): Pool =>
    new Pool({ connectionString, max: connections, pipeline: true }).on('error', (error) => {
      // A pool has ended before its sessions have: those hear of it when their database is dropped.
      if (!closing) throw error;
    });
  const pools: Readonly<Record<Role, Pool>> = {
    gateway: pool(database.gatewayUrl),
    worker: pool(database.workerUrl),
    loops: pool(database.loopsUrl),
    auditor: pool(database.auditorUrl),
    superuser: pool(database.superuserUrl),
  };
  return {
    ...pools,
    ownerUrl: database.ownerUrl,
    gatewayUrl: database.gatewayUrl,
    ledger: createLedger(pools.worker),
    as: (role, tenant, work) => withTenant(pools[role], tenant, work),
    rows: async <T extends object>(sql: string, values: readonly unknown[] = []) =>
      (await pools.superuser.query<T>(sql, [...values])).rows,
    close: async () => {
      closing = true;
      await Promise.all(Object.values(pools).map((each) => each.end()));
      await database.drop();
    },
  };
}
