import { type Pool } from 'pg';

export interface HeldKey {
  readonly tenant: string;
  readonly agent: string;
  readonly generation: number;
  /** The public key, as a JWK has it. */
  readonly x: string;
}

/** Whose key that is, of whichever tenant; `undefined` where none is good now. */
export async function findAgentCredential(pool: Pool, kid: string): Promise<HeldKey | undefined> {
  const { rows } = await pool.query<HeldKey>(
    'select tenant, agent, generation, x from find_agent_credential($1::text)',
    [kid],
  );
  return rows[0];
}
