import { type LoginRole, roleName } from '../db/create-roles';

/** The same server's URL for another database, or another login. */
export function databaseUrl(
  url: string,
  { database, login }: { readonly database?: string; readonly login?: Login },
): string {
  const result = new URL(url);
  if (database !== undefined) result.pathname = `/${database}`;
  if (login !== undefined) {
    result.username = roleName(login.role);
    result.password = login.password;
  }
  return result.href;
}

interface Login {
  readonly role: LoginRole;
  readonly password: string;
}
