import { type PoolClient } from 'pg';

/** The one clock that everybody shares: RFC 3339 in UTC with milliseconds. */
export async function databaseTime(client: PoolClient): Promise<string> {
  const { rows } = await client.query<{ now: string }>(
    `select to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the database does not say what time it is');
  return row.now;
}
