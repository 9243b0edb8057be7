import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOGIN_ROLES, type LoginRole, type RolePasswords } from '../db/create-roles';
import { databaseUrl } from '../stack/database-url';
import { publishedAddresses } from '../stack/published-addresses';

/** The database of the stack that runs in this home, as each role; `undefined` when none runs there. */
export function embeddedDatabase(home: string): Readonly<Record<LoginRole, string>> | undefined {
  const running = publishedAddresses(home);
  const path = join(home, 'database-roles.json');
  if (running === undefined || !existsSync(path)) return undefined;
  const passwords = JSON.parse(readFileSync(path, 'utf8')) as RolePasswords;
  const url = (role: LoginRole): string =>
    databaseUrl(running.databaseUrl, { login: { role, password: passwords[role] } });
  return Object.fromEntries(LOGIN_ROLES.map((role) => [role, url(role)])) as Record<LoginRole, string>;
}
