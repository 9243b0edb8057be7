import { type PoolClient } from 'pg';

export interface Unheard {
  readonly process: string;
  readonly kind: 'gateway' | 'worker';
  /** When it last said anything. After a minute of silence it is not there. */
  readonly heardAt: string;
}

/** The processes that work now and have not confirmed everything that was stopped or lifted up to now. */
export async function unheardBy(client: PoolClient): Promise<Unheard[]> {
  const { rows } = await client.query<Omit<Unheard, 'heardAt'> & { readonly heardAt: Date }>(
    'select process, kind, heard_at as "heardAt" from unheard_by() order by process',
  );
  return rows.map((row) => ({ ...row, heardAt: row.heardAt.toISOString() }));
}
