import { type Pool } from 'pg';

/** Finds the agent of a key by the key's SHA-256. A key of an older generation finds nobody. */
export async function authenticateAgent(
  pool: Pool,
  keyHash: Buffer,
): Promise<{ tenant: string; agent: string } | undefined> {
  const { rows } = await pool.query<{ tenant: string; agent: string }>(
    'select tenant, agent from authenticate_agent($1::bytea)',
    [keyHash],
  );
  return rows[0];
}
