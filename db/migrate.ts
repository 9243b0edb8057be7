import { join } from 'node:path';
import { runner } from 'node-pg-migrate';
import { packageRoot } from '../config/paths';

/**
 * Brings the schema up to date, as the owner. Several may run at once: the runner's lock lets one work and the others
 * wait. Forward only: a migration, once released, is never edited.
 */
export async function migrate(ownerUrl: string, log: (line: string) => void = () => undefined): Promise<void> {
  await runner({
    databaseUrl: ownerUrl,
    dir: join(packageRoot(), 'db', 'migrations'),
    direction: 'up',
    migrationsTable: 'schema_migrations',
    checkOrder: true,
    log,
  });
}
