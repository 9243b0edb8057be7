import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { packageRoot } from '../config/paths';
import { createRoles } from '../db/create-roles';
import { migrate } from '../db/migrate';
import { startEmbeddedPostgres } from '../stack/embedded-postgres';
import { readSchema } from './schema/read-schema';

const FILE = join(packageRoot(), 'db', 'schema.sql');
// The server lives for seconds, on loopback; its roles need passwords only because every role has one.
const PASSWORDS = { owner: 'owner', gateway: 'gateway', worker: 'worker', loops: 'loops', auditor: 'auditor' };

/** The schema of a database that ran every migration, on a server of its own. */
async function freshSchema(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-schema-'));
  chmodSync(directory, 0o711); // Postgres may run under another account
  try {
    const server = await startEmbeddedPostgres({ directory, report: () => undefined, durable: false });
    const client = new Client({ connectionString: server.superuserUrl });
    try {
      await createRoles(server.superuserUrl, PASSWORDS);
      await migrate(server.superuserUrl.replace(/\/\/.*@/, `//countersign_owner:${PASSWORDS.owner}@`));
      await client.connect();
      return await readSchema(client);
    } finally {
      await client.end();
      await server.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Writes the dump; with `--check` only says whether it is what would be written. */
async function main(): Promise<void> {
  const schema = await freshSchema();
  if (!process.argv.includes('--check')) return writeFileSync(FILE, schema);
  if (readFileSync(FILE, 'utf8') === schema) return;
  console.error('db/schema.sql is not what the migrations make. Write it anew, and read the difference:');
  console.error('  npm run --silent build && node dist/scripts/dump-schema.js');
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
