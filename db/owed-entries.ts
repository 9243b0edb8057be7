import { type Pool, type PoolClient } from 'pg';

/** Tenants to whose ledger something is owed. */
export async function owedTenants(pool: Pick<Pool, 'query'>): Promise<readonly string[]> {
  const { rows } = await pool.query<{ tenant: string }>('select distinct tenant from owed_entries order by tenant');
  return rows.map(({ tenant }) => tenant);
}

/** Writes what is owed to the tenant's ledger, oldest first; answers with how many entries those were. */
export async function writeOwedEntries(client: PoolClient, tenant: string): Promise<number> {
  const { rows } = await client.query<{ written: number }>('select write_owed_entries($1::text) as written', [tenant]);
  return rows[0]?.written ?? 0;
}
