import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/paths';

export const MIGRATIONS = join(packageRoot(), 'db', 'migrations');

/** The newest migration of this release, by the name that it has in the database. */
export function newestMigration(): string {
  const newest = readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`There are no migrations in ${MIGRATIONS}.`);
  return newest.replace(/\.sql$/, '');
}
