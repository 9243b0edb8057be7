import { type NotReady } from '../domain/not-ready';
import { type ReadinessCheck } from './create-readiness';

export interface DatabaseExpectation {
  /** As of now. */
  readonly condition: () => Promise<{
    readonly migration: string | null;
    readonly bundleInForce: { readonly digest: string; readonly version: number } | null;
    readonly ledgerWritable: boolean;
  }>;
  /** The newest migration that this release needs. A database that is ahead of it is well: migrations only add. */
  readonly migration: string;
  readonly bundle: { readonly digest: string; readonly version: number };
}

/** Whether the database is such that work can be done. Before the first bundle there is nothing to be behind of. */
export function databaseCheck({ condition, migration, bundle }: DatabaseExpectation): ReadinessCheck {
  return {
    unanswered: 'database_unavailable',
    ask: async () => {
      const now = await condition();
      const reasons: NotReady[] = [];
      if (now.migration === null || now.migration < migration) reasons.push('migrations_behind');
      if (now.bundleInForce !== null && now.bundleInForce.version > bundle.version) reasons.push('bundle_stale');
      if (!now.ledgerWritable) reasons.push('ledger_read_only');
      return reasons;
    },
  };
}
