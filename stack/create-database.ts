import { Client, escapeIdentifier } from 'pg';
import { databaseUrl } from './database-url';

/** Creates the database unless it exists. @returns The superuser's URL of it. */
export async function createDatabase(superuserUrl: string, database: string): Promise<string> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1::text', [database]);
    if (rowCount === 0) await client.query(`create database ${escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
  return databaseUrl(superuserUrl, { database });
}
