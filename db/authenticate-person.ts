import { type Pool } from 'pg';

export interface AuthenticatedPerson {
  readonly tenant: string;
  readonly person: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** Finds the person of a login token by the token's SHA-256. Expired, revoked, or a person who left: nobody. */
export async function authenticatePerson(pool: Pool, tokenHash: Buffer): Promise<AuthenticatedPerson | undefined> {
  const { rows } = await pool.query<AuthenticatedPerson>(
    'select tenant, person, name, roles from authenticate_person($1::bytea)',
    [tokenHash],
  );
  return rows[0];
}
