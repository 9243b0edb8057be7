import { type PoolClient } from 'pg';

export interface StoredGrant {
  readonly id: string;
  readonly step: string;
  readonly target: string;
  readonly state: string;
  readonly endedBy: string | null;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

/** Every credential that was meant to exist for an action, in order. */
export async function listGrants(client: PoolClient, tenant: string, action: string): Promise<StoredGrant[]> {
  const { rows } = await client.query<StoredGrant>(
    `select grant_id as id, step, target, state, ended_by as "endedBy", expires_at as "expiresAt", revoked_at as "revokedAt"
     from grants where tenant = $1::text and action = $2::text order by created_at`,
    [tenant, action],
  );
  return rows;
}
