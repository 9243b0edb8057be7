import { type Pool } from 'pg';

/** What the database says against serving anybody from it in production. */
export type DatabaseProblem = 'superuser' | 'demo_people' | 'static_agent_keys';

/** As the role of the pool. A database that was not migrated so far does not know how to answer; the error says so. */
export async function productionProblemsOf(pool: Pick<Pool, 'query'>): Promise<readonly DatabaseProblem[]> {
  const { rows } = await pool.query<{ problems: readonly DatabaseProblem[] }>(
    'select production_problems() as problems',
  );
  return rows[0]?.problems ?? [];
}
