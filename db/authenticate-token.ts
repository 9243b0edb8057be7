import { type Pool } from 'pg';

export interface TokenHolder {
  readonly tenant: string;
  readonly agent: string;
  readonly generation: number;
  /** What had been stopped when it was issued. */
  readonly epoch: number;
  readonly kid: string;
}

/** Whether the credential behind a token is still good, its generation the agent's own, and nothing stopped the agent since. The token's signature was checked. */
export async function authenticateToken(
  pool: Pool,
  { tenant, agent, generation, epoch, kid }: TokenHolder,
): Promise<boolean> {
  const statement = 'select from authenticate_token($1::text, $2::text, $3::integer, $4::bigint, $5::text)';
  const { rows } = await pool.query(statement, [tenant, agent, generation, epoch, kid]);
  return rows.length === 1;
}
