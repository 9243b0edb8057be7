import { type PoolClient } from 'pg';
import { type RevokeResult } from '../domain/provider';

const ENDED = `
  update grants set state = 'revoked', ended_by = $3::text, revoked_at = clock_timestamp(), revoke_attempts = revoke_attempts + 1, last_code = null
  where tenant = $1::text and grant_id = $2::text and state <> 'revoked'
  returning revoke_attempts as attempts`;

// The next try comes later each time, at most ten minutes later; it always comes.
const STILL_LIVE = `
  update grants set state = 'revoking', revoke_attempts = revoke_attempts + 1, last_code = $3::text,
    next_revoke_at = clock_timestamp() + least(interval '10 minutes', interval '1 second' * power(2, least(revoke_attempts, 10)))
  where tenant = $1::text and grant_id = $2::text and state <> 'revoked'`;

/** Writes down what a revocation came to. A number: this call ended the grant, and it took so many tries. */
export async function recordRevocation(
  client: PoolClient,
  tenant: string,
  grantId: string,
  result: RevokeResult,
): Promise<number | undefined> {
  if (result.kind === 'live') {
    await client.query(STILL_LIVE, [tenant, grantId, result.code]);
    return undefined;
  }
  const { rows } = await client.query<{ attempts: number }>(ENDED, [tenant, grantId, result.kind]);
  return rows[0]?.attempts;
}
