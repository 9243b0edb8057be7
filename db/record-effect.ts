import { type PoolClient } from 'pg';
import { type JsonObject } from '../domain/json';

export interface EffectEnd {
  readonly actionId: string;
  readonly step: string;
  readonly kind: 'do' | 'undo';
  readonly attempt: number;
  readonly state: 'unknown' | 'absent' | 'failed' | 'done';
  readonly result?: JsonObject;
  readonly code?: string;
}

// What is settled stays settled: a late twin of an attempt can neither take back `done` nor speak for another attempt.
const UPDATE = `
  update effects set state = $6::text, result = $7::jsonb, code = $8::text, settled_at = clock_timestamp()
  where tenant = $1::text and action = $2::text and step = $3::text and kind = $4::text and attempt = $5::integer
    and state in ('begun', 'unknown')`;

/** Writes down how an attempt ended. False: it was settled before. */
export async function recordEffect(client: PoolClient, tenant: string, end: EffectEnd): Promise<boolean> {
  const result = end.result === undefined ? null : JSON.stringify(end.result);
  const { rowCount } = await client.query(UPDATE, [
    tenant,
    end.actionId,
    end.step,
    end.kind,
    end.attempt,
    end.state,
    result,
    end.code ?? null,
  ]);
  return rowCount === 1;
}
