import { type PoolClient } from 'pg';
import { type ReportedDecision, type ReportVerdict } from '../domain/reported-decision';
import { type Stream } from './lock-stream';

export interface JudgedReport {
  readonly report: ReportedDecision;
  readonly digest: string;
  readonly verdict: ReportVerdict;
  /** Why it is no honest report, or is not judged; null otherwise. */
  readonly cause: string | null;
}

/** Records reports that `lockStream` did not know. */
export async function insertReports(
  client: PoolClient,
  tenant: string,
  { agent, generation, stream }: Stream,
  reports: readonly JudgedReport[],
): Promise<void> {
  const rows = reports.map(({ report, digest, verdict, cause }) => ({ ...report, digest, verdict, cause }));
  await client.query(
    `insert into reported_decisions (tenant, agent, generation, stream, seq, digest, type, params, claimed_at, effect,
       bundle_digest, input_digest, verdict, cause)
     select $1::text, $2::text, $3::integer, $4::text, r.seq, r.digest, r.type, r.params, r.at, r.effect, r.bundle, r."inputDigest", r.verdict, r.cause
     from jsonb_to_recordset($5::jsonb) as r (seq bigint, digest text, type text, params jsonb, at timestamptz, effect text, bundle text,
       "inputDigest" text, verdict text, cause text)`,
    [tenant, agent, generation, stream, JSON.stringify(rows)],
  );
}
