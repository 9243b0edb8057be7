import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import { packageRoot } from '../config/paths';

const MIGRATIONS = join(packageRoot(), 'db', 'migrations');

/**
 * Brings the schema up to date, as the owner. Several may run at once: the runner's lock lets one work and the others
 * wait. Forward only: a migration, once released, is never edited.
 */
export async function migrate(ownerUrl: string, log: (line: string) => void = () => undefined): Promise<void> {
  await runner({
    databaseUrl: ownerUrl,
    dir: MIGRATIONS,
    direction: 'up',
    migrationsTable: 'schema_migrations',
    checkOrder: true,
    log,
  });
}

/** The newest migration of this release, by the name that it has in the database. */
export function newestMigration(): string {
  const newest = readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`There are no migrations in ${MIGRATIONS}.`);
  return newest.replace(/\.sql$/, '');
}
