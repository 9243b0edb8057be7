import { type PoolClient } from 'pg';
import { type JsonObject } from '../domain/json';

export interface EffectRecord {
  readonly step: string;
  readonly kind: 'do' | 'undo';
  readonly attempt: number;
  readonly state: 'begun' | 'unknown' | 'absent' | 'failed' | 'done';
  readonly idempotencyKey: string;
  readonly grantId: string;
  /** Until the request of this attempt can no longer be accepted; zero or less: that time is over. */
  readonly openForMs: number;
  readonly result: JsonObject | null;
  readonly code: string | null;
}

const QUERY = `
  select step, kind, attempt, state, idempotency_key as "idempotencyKey", grant_id as "grantId",
         ceil(extract(epoch from send_by - clock_timestamp()) * 1000)::float8 as "openForMs", result, code
  from effects where tenant = $1::text and action = $2::text order by begun_at`;

/** Everything that was begun for an action, as the worker goes on from it. */
export async function loadEffects(
  client: PoolClient,
  tenant: string,
  actionId: string,
): Promise<readonly EffectRecord[]> {
  const { rows } = await client.query<EffectRecord>(QUERY, [tenant, actionId]);
  return rows;
}
