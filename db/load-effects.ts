import { type PoolClient } from 'pg';
import { type Json, type JsonObject } from '../domain/json';

export interface EffectRecord {
  readonly step: string;
  readonly kind: 'do' | 'undo';
  readonly attempt: number;
  readonly state: 'begun' | 'unknown' | 'absent' | 'failed' | 'done';
  readonly idempotencyKey: string;
  readonly grantId: string;
  /** What the attempt was decided on: that of its own round, whatever was decided since. */
  readonly facts: Readonly<Record<string, Json>>;
  readonly digest: string;
  readonly decidedUnder: string | null;
  /** Until the request of this attempt can no longer be accepted; zero or less: that time is over. */
  readonly openForMs: number;
  readonly result: JsonObject | null;
  readonly code: string | null;
}

const QUERY = `
  select e.step, e.kind, e.attempt, e.state, e.idempotency_key as "idempotencyKey", e.grant_id as "grantId",
         r.facts, r.digest, d.bundle_digest as "decidedUnder",
         ceil(extract(epoch from e.send_by - clock_timestamp()) * 1000)::float8 as "openForMs", e.result, e.code
  from effects e
  join action_rounds r using (tenant, action, round)
  left join decisions d on (d.tenant, d.action, d.round, d.stage) = (e.tenant, e.action, e.round, 'initial')
  where e.tenant = $1::text and e.action = $2::text order by e.begun_at`;

/** Everything that was begun for an action, as the worker goes on from it. */
export async function loadEffects(
  client: PoolClient,
  tenant: string,
  actionId: string,
): Promise<readonly EffectRecord[]> {
  const { rows } = await client.query<EffectRecord>(QUERY, [tenant, actionId]);
  return rows;
}

/** The same, while no attempt of it begins or ends. Its action is locked before. */
export async function lockEffects(
  client: PoolClient,
  tenant: string,
  actionId: string,
): Promise<readonly EffectRecord[]> {
  // Two statements: the second one sees what was committed while the first one waited.
  const [, effects] = await Promise.all([
    client.query('select from effects where tenant = $1::text and action = $2::text for share', [tenant, actionId]),
    loadEffects(client, tenant, actionId),
  ]);
  return effects;
}
