import { type PoolClient } from 'pg';
import { type DueNotice } from './take-due-notices';

type Which = Pick<DueNotice, 'tenant' | 'request'>;

/** Every surface shows `version`. A change that came meanwhile is a newer version, and due at once. */
export async function finishNotice(client: PoolClient, { tenant, request }: Which, version: number): Promise<void> {
  await client.query(
    `update notices set shown_version = greatest(shown_version, $3::bigint), attempts = 0, last_code = null,
       held_until = '-infinity'
     where tenant = $1::text and request = $2::text`,
    [tenant, request, version],
  );
}

/** Some surface could not be brought up to date. It is looked at again after `afterMs`, or at once when the request has changed since it was taken. */
export async function postponeNotice(
  client: PoolClient,
  { tenant, request, version }: Omit<DueNotice, 'attempts'>,
  code: string,
  afterMs: number,
): Promise<void> {
  await client.query(
    `update notices set attempts = attempts + 1, last_code = $3::text, held_until = '-infinity',
       due_at = case when version > $5::bigint then due_at else clock_timestamp() + make_interval(secs => $4::float8 / 1000) end
     where tenant = $1::text and request = $2::text`,
    [tenant, request, code, afterMs, version],
  );
}
