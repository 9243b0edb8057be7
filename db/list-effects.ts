import { type PoolClient } from 'pg';

export interface StoredEffect {
  readonly step: string;
  readonly kind: 'do' | 'undo';
  readonly attempt: number;
  readonly state: string;
  readonly digest: string;
  readonly idempotencyKey: string;
  readonly code: string | null;
  readonly begunAt: Date;
  readonly settledAt: Date | null;
}

/** What an action began at its targets, in order. */
export async function listEffects(client: PoolClient, tenant: string, action: string): Promise<StoredEffect[]> {
  const { rows } = await client.query<StoredEffect>(
    `select step, kind, attempt, state, digest, idempotency_key as "idempotencyKey", code, begun_at as "begunAt", settled_at as "settledAt"
     from effects where tenant = $1::text and action = $2::text order by begun_at`,
    [tenant, action],
  );
  return rows;
}
