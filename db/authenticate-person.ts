import { type Pool } from 'pg';

/** A role in one environment. */
export interface RoleIn {
  readonly role: string;
  readonly environment: string;
}

export interface AuthenticatedPerson {
  readonly tenant: string;
  readonly person: string;
  readonly name: string;
  /** Those that hold in every environment. */
  readonly roles: readonly string[];
  readonly rolesIn: readonly RoleIn[];
}

/** Finds the person of a login token by the token's SHA-256. Expired, revoked, or a person who left: nobody. */
export async function authenticatePerson(pool: Pool, tokenHash: Buffer): Promise<AuthenticatedPerson | undefined> {
  const { rows } = await pool.query<AuthenticatedPerson>(
    'select tenant, person, name, roles, roles_in as "rolesIn" from authenticate_person($1::bytea)',
    [tokenHash],
  );
  return rows[0];
}
