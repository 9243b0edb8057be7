import { type PoolClient } from 'pg';
import { type Ledger } from '../db/ledger';
import type * as queries from '../db/queries';
import { type Catalogue, type Target } from '../domain/documents';
import { type FactReader, type Provider } from '../domain/provider';
import { type Pdp } from '../pdp/create-pdp';

/** The queries of `db/`, and the transactions that they run in. */
export type Database = typeof queries & {
  withTenant<T>(tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
  readAsTenant<T>(tenant: string, work: (client: PoolClient) => Promise<T>): Promise<T>;
};

/** What activities that only decide and record are given. They hold no credential of any target. */
export interface DecidingDeps {
  readonly db: Database;
  readonly ledger: Ledger;
  /** The decision point in force; asked for anew each time, as a new bundle replaces it. */
  readonly pdp: () => Pdp;
  /** The catalogue of a bundle that was in force before; `undefined` if it never was. */
  readonly catalogueOf: (bundleDigest: string) => Promise<Catalogue | undefined>;
}

/** What activities that touch targets are given besides. */
export interface TouchingDeps extends DecidingDeps {
  readonly providers: Readonly<Record<Target['provider'], Provider>>;
  readonly facts: FactReader;
  /** Waits while telling Temporal that the activity lives; rejects when it is cancelled. */
  readonly pause: (ms: number) => Promise<void>;
  /** Milliseconds from some fixed moment, those included in which the machine was suspended; never goes back. */
  readonly monotonicMs: () => number;
}

/** Names one action; the input of every activity. What it names is read, and checked, in Postgres. */
export interface ActionRef {
  readonly tenant: string;
  readonly actionId: string;
}

export interface StepRef extends ActionRef {
  readonly stepId: string;
}
