import { type Pool } from 'pg';
import { type LoginRole } from './create-roles';
import { loginFaults } from './login-faults';
import { readRole } from './read-role';

/** What the database says against serving anybody from it in production; of a login that is not its role's, in what. */
export type DatabaseProblem =
  'superuser' | 'demo_people' | 'static_agent_keys' | { readonly role: LoginRole; readonly faults: readonly string[] };

/**
 * As the login of the pool, which is to be that of the role. A database that was not migrated so far does not know how to answer; the error says so.
 */
export async function productionProblemsOf(
  pool: Pick<Pool, 'query'>,
  role: LoginRole,
): Promise<readonly DatabaseProblem[]> {
  const { rows } = await pool.query<{ problems: readonly DatabaseProblem[] }>(
    'select production_problems() as problems',
  );
  const faults = loginFaults(await readRole(pool), role);
  return [...(rows[0]?.problems ?? []), ...(faults.length > 0 ? [{ role, faults }] : [])];
}
