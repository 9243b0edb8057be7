import { type Pool } from 'pg';

export interface Measure {
  readonly measure: string;
  /** Which of a few kinds; empty where there is one. */
  readonly label: string;
  readonly value: number;
}

/** What waits, lives and is late, over every tenant. */
export async function measureOperations(pool: Pick<Pool, 'query'>): Promise<readonly Measure[]> {
  return (await pool.query<Measure>('select measure, label, value from measure_operations()')).rows;
}
