import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { readConfig } from '../../config/read-config';
import { createRoles, LOGIN_ROLES, type RolePasswords } from '../../db/create-roles';
import { migrate } from '../../db/migrate';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, say } from '../output';
import { ownerUrl } from '../owner-database';

/** `countersign database …`: the two steps before any process starts. Both may be repeated, and run several times at once. */
export function databaseCommand(): Command {
  const database = new Command('database').description(
    'prepare the database, before a first start and before each new release',
  );
  database
    .command('roles')
    .description(
      'make the roles that the processes log in as, and set their passwords; as superuser (DATABASE_URL_SUPERUSER)',
    )
    .requiredOption('--passwords <file>', `a JSON object with a password for each of ${LOGIN_ROLES.join(', ')}`)
    .action(roles);
  database
    .command('migrate')
    .description('bring the schema up to this release; as its owner')
    .option('--database-url <url>', 'of the owner (default: DATABASE_URL, or the stack on this machine)')
    .action(bringUp);
  return database;
}

async function roles({ passwords }: { readonly passwords: string }): Promise<void> {
  const { superuser } = readConfig().database;
  if (superuser === undefined)
    throw new CommandFailed(
      EXIT.usage,
      'Name the database, as a superuser: DATABASE_URL_SUPERUSER, or DATABASE_URL_SUPERUSER_FILE.',
    );
  await createRoles(superuser, readPasswords(passwords));
  say(`The roles ${LOGIN_ROLES.map((role) => `countersign_${role}`).join(', ')} are there.`);
  hint('countersign database migrate');
}

async function bringUp({ databaseUrl }: { readonly databaseUrl?: string }): Promise<void> {
  const done = await migrate(ownerUrl(readConfig(), databaseUrl));
  say(done.length === 0 ? 'The schema was up to date.' : `Migrated: ${done.join(', ')}`);
}

function readPasswords(path: string): RolePasswords {
  const wrong = new CommandFailed(
    EXIT.usage,
    `--passwords: ${path} is no JSON object with a password for each of ${LOGIN_ROLES.join(', ')}.`,
  );
  let passwords: unknown;
  try {
    passwords = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw wrong;
  }
  const isPassword = (value: unknown): boolean => typeof value === 'string' && value.length >= 16;
  if (typeof passwords !== 'object' || passwords === null) throw wrong;
  if (!LOGIN_ROLES.every((role) => isPassword((passwords as Record<string, unknown>)[role]))) throw wrong;
  return passwords as RolePasswords;
}
