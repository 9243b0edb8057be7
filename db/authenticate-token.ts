import { type Pool } from 'pg';

export interface TokenHolder {
  readonly tenant: string;
  readonly agent: string;
  readonly generation: number;
  readonly kid: string;
}

/** Whether the credential behind a token is still good, and its generation the agent's own. The token's signature was checked. */
export async function authenticateToken(pool: Pool, { tenant, agent, generation, kid }: TokenHolder): Promise<boolean> {
  const { rows } = await pool.query('select from authenticate_token($1::text, $2::text, $3::integer, $4::text)', [
    ...[tenant, agent, generation, kid],
  ]);
  return rows.length === 1;
}
