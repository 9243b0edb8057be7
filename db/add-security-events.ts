import { type Pool } from 'pg';

export interface SecurityEventCount {
  readonly kind: string;
  readonly source: string;
  readonly count: number;
}

/** Adds to this minute's counts of what came from nobody we know. */
export async function addSecurityEvents(
  pool: Pick<Pool, 'query'>,
  counts: readonly SecurityEventCount[],
): Promise<void> {
  await pool.query(
    `insert into security_events as e (minute, kind, source, count)
     select date_trunc('minute', clock_timestamp()), kind, source, count
     from unnest($1::text[], $2::text[], $3::integer[]) as n (kind, source, count)
     order by kind, source -- so that two gateways never wait for each other in a circle
     on conflict (minute, kind, source) do update set count = e.count + excluded.count`,
    [counts.map(({ kind }) => kind), counts.map(({ source }) => source), counts.map(({ count }) => count)],
  );
}
