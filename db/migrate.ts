import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { MIGRATIONS } from './newest-migration';

/**
 * Brings the schema up to date, as the owner, and says which migrations it ran. Several may run at once: one works and the others wait. Forward
 * only: a migration, once released, is never edited.
 */
export async function migrate(ownerUrl: string): Promise<readonly string[]> {
  const turn = new Client({ connectionString: ownerUrl });
  await turn.connect();
  try {
    // The runner has a lock too, but whoever finds it taken fails instead of waiting.
    await turn.query('select pg_advisory_lock(7004)');
    const done = await runner({
      databaseUrl: ownerUrl,
      dir: MIGRATIONS,
      direction: 'up',
      migrationsTable: 'schema_migrations',
      checkOrder: true,
      log: () => undefined,
    });
    return done.map(({ name }) => name);
  } finally {
    await turn.end();
  }
}
