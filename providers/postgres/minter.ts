import { type Socket } from 'node:net';
import { Pool, type PoolClient } from 'pg';
import { type PostgresTarget } from '../../domain/documents';
import { createPinnedLookup, type Resolve, resolveBySystem } from '../pinned-lookup';
import { pinnedSocket } from './pinned-socket';
import { Refused } from './refused';
import { ADDRESS_RULES, type DatabaseAddress, targetAddress } from './target-address';

export interface PostgresOptions {
  /** Addresses of this deployment by target id, in place of those in the documents. */
  readonly addresses: Readonly<Record<string, string>>;
  /** The secret that a document refers to, or `undefined` if this deployment has none of that name. */
  readonly secret: (name: string) => string | undefined;
  /** Refuses a minter that is a superuser, and connections without TLS. */
  readonly production: boolean;
  readonly resolve?: Resolve;
  /** Hears of minters' connections that were lost, in use or idle; the next call opens another. */
  readonly onLost: (lost: { readonly target: string; readonly code: string | undefined }) => void;
}

/** Where a database is, and what connects there: every name is resolved once for a connection, and judged. */
export type Reach = DatabaseAddress & { readonly stream: () => Socket };

/** The connections of those who make and end roles, one pool for each target. */
export interface Minter {
  /** @throws Refused where the target has no address that may be used. */
  addressOf(target: PostgresTarget): Reach;
  /** Lends a connection. After an error it is closed, and with it whatever it held. */
  use<T>(target: PostgresTarget, work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A role is made in a millisecond; more connections would only wait for each other at the server's catalogue. */
const MAX_CONNECTIONS = 4;

/** Making a role takes a part of the time in which an effect must begin; ending one is asked again for ever. */
const WITHIN_MS = 1_500;

/** Targets come and go; a connection that nobody used for so long is not worth a server's memory. */
const IDLE_MS = 10_000;

export function createMinter(options: PostgresOptions): Minter {
  const pools = new Map<string, Pool>();
  const rules = { allowPlaintext: !options.production, addresses: options.addresses };

  const lookup = createPinnedLookup(options.resolve ?? resolveBySystem, ADDRESS_RULES);

  const addressOf = (target: PostgresTarget): Reach => {
    const address = targetAddress(target, rules);
    if (address === undefined) throw new Refused('target_address_forbidden');
    return { ...address, stream: () => pinnedSocket(lookup) };
  };

  const poolOf = (target: PostgresTarget): Pool => {
    const address = addressOf(target);
    const { role, secret } = target.minter;
    const name = JSON.stringify([target.id, address.host, address.port, address.database, role, secret]);
    const known = pools.get(name);
    if (known !== undefined) return known;
    const password = options.secret(secret);
    if (password === undefined) throw new Refused('target_secret_missing');
    const tell = (error: Error): void => options.onLost({ target: target.id, code: (error as { code?: string }).code });
    const pool = new Pool({
      ...address,
      user: role,
      password,
      max: MAX_CONNECTIONS,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: WITHIN_MS,
      query_timeout: WITHIN_MS,
      application_name: 'countersign',
      // Who creates a role may then act with its privileges, without which nobody but a superuser can end its sessions or drop what it owns.
      // And what is called here is the server's own: what an agent made there, of the same name, would run with all that the minter may.
      options: `-c search_path=pg_catalog -c createrole_self_grant=inherit -c statement_timeout=${String(WITHIN_MS)} -c idle_in_transaction_session_timeout=${String(WITHIN_MS)}`,
    });
    // A connection that breaks while it is lent has no other listener, and would end the process.
    pool.on('connect', (client) => client.on('error', tell));
    pool.on('error', tell);
    pools.set(name, pool);
    return pool;
  };

  return {
    addressOf,
    use: async (target, work) => {
      const client = await poolOf(target).connect();
      try {
        const result = await work(client);
        client.release();
        return result;
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    close: async () => {
      await Promise.all([...pools.values()].map(async (pool) => await pool.end()));
    },
  };
}
