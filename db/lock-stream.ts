import { type PoolClient } from 'pg';

export interface Stream {
  readonly agent: string;
  readonly generation: number;
  readonly stream: string;
}

export interface KnownReport {
  readonly seq: number;
  readonly digest: string;
  readonly verdict: 'confirmed' | 'diverged' | 'mismatch';
}

/** What a stream holds already: its last number, and the reports that stand under some numbers. */
export interface LockedStream {
  readonly last: number;
  /** The latest time that it says, without what is false anyhow; null before the first. In milliseconds. */
  readonly latest: number | null;
  readonly known: readonly KnownReport[];
}

/** Takes the reports of one agent one batch after the other until the transaction ends, so that each number is judged once. */
export async function lockStream(
  client: PoolClient,
  tenant: string,
  { agent, generation, stream }: Stream,
  seqs: readonly number[],
): Promise<LockedStream> {
  // Three statements: one that did all of it would look with the snapshot taken before it waited.
  await client.query(
    `select pg_advisory_xact_lock(hashtextextended('countersign/reports/' || $1::text || '/' || $2::text, 0))`,
    [tenant, agent],
  );
  const ofStream = 'tenant = $1::text and agent = $2::text and generation = $3::integer and stream = $4::text';
  const ends = await client.query<{ last: number; latest: Date | null }>(
    `select coalesce((select max(seq) from reported_decisions where ${ofStream}), 0)::float8 as last,
       (select max(claimed_at) from reported_decisions where ${ofStream} and verdict <> 'mismatch') as latest`,
    [tenant, agent, generation, stream],
  );
  const { rows } = await client.query<KnownReport>(
    `select seq::float8 as seq, digest, verdict from reported_decisions where ${ofStream} and seq = any ($5::bigint[])`,
    [tenant, agent, generation, stream, seqs],
  );
  const [end] = ends.rows;
  return { last: end?.last ?? 0, latest: end?.latest?.getTime() ?? null, known: rows };
}
