import { type PoolClient } from 'pg';
import { type DueNotice } from './take-due-notices';

type Held = Pick<DueNotice, 'tenant' | 'request' | 'hold'>;

/** By nobody else since: a hold that is over is worth as much as before until somebody takes the request. */
const IS_MINE = 'tenant = $1::text and request = $2::text and hold = $3::bigint';

/**
 * Every surface shows `version`. A change that came meanwhile is a newer version, and due at once; and so is the newest, where the hold was lost.
 */
export async function finishNotice(client: PoolClient, held: Held, version: number): Promise<void> {
  const { rowCount } = await client.query(
    `update notices set shown_version = greatest(shown_version, $4::bigint), attempts = 0, last_code = null,
       held_until = '-infinity'
     where ${IS_MINE}`,
    [held.tenant, held.request, held.hold, version],
  );
  if (rowCount === 0) await showAnew(client, held, version);
}

/** Some surface could not be brought up to date. It is looked at again after `afterMs`, or at once when the request has changed since it was taken. */
export async function postponeNotice(
  client: PoolClient,
  held: Omit<DueNotice, 'attempts'>,
  code: string,
  afterMs: number,
): Promise<void> {
  const { rowCount } = await client.query(
    `update notices set attempts = attempts + 1, last_code = $4::text, held_until = '-infinity',
       due_at = case when version > $6::bigint then due_at else clock_timestamp() + make_interval(secs => $5::float8 / 1000) end
     where ${IS_MINE}`,
    [held.tenant, held.request, held.hold, code, afterMs, held.version],
  );
  if (rowCount === 0) await showAnew(client, held, held.version);
}

/**
 * The hold was lost: this loop was frozen, and others may have told more than `version` before what it did last, or at the same time. So nobody knows
 * what the surfaces show: none counts as up to date, and whoever holds the request now does not have the last word either.
 */
async function showAnew(client: PoolClient, { tenant, request }: Held, version: number): Promise<void> {
  await client.query(
    `with forgotten as (update surfaces set version = 0 where tenant = $1::text and request = $2::text)
     update notices set shown_version = least(shown_version, $3::bigint), hold = hold + 1
     where tenant = $1::text and request = $2::text`,
    [tenant, request, version],
  );
}
