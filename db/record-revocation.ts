import { type PoolClient } from 'pg';
import { LIMITS } from '../domain/limits';
import { type RevokeResult } from '../domain/provider';
import { overdueTaskOf } from './tasks';

// Nobody has to look after what is dead: where a task tells of it, it is taken back with it.
const ENDED = `
  with ended as (
    update grants set state = 'revoked', ended_by = $3::text, revoked_at = clock_timestamp(), revoke_attempts = revoke_attempts + 1, last_code = null
    where tenant = $1::text and grant_id = $2::text and state <> 'revoked'
    returning revoke_attempts)
  select case when revoke_attempts > $4::integer then withdraw_task($1::text, $5::text, 'mended') end from ended`;

// The next try comes later each time, at most ten minutes later; it always comes.
const STILL_LIVE = `
  update grants set state = 'revoking', revoke_attempts = revoke_attempts + 1, last_code = $3::text,
    next_revoke_at = clock_timestamp() + least(interval '10 minutes', interval '1 second' * power(2, least(revoke_attempts, 10)))
  where tenant = $1::text and grant_id = $2::text and state <> 'revoked'`;

/** Writes down what a revocation came to. False: somebody else had ended the grant by then. */
export async function recordRevocation(
  client: PoolClient,
  tenant: string,
  grantId: string,
  result: RevokeResult,
): Promise<boolean> {
  if (result.kind === 'live') {
    const tried = await client.query(STILL_LIVE, [tenant, grantId, result.code]);
    return tried.rowCount === 1;
  }
  const { rowCount } = await client.query(ENDED, [
    ...[tenant, grantId, result.kind, LIMITS.revocationsBeforeTask],
    overdueTaskOf(grantId),
  ]);
  return rowCount === 1;
}
