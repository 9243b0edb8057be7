import { type PoolClient } from 'pg';

/** Ends an open request. Only this ends one as expired, and only the holder of its lock calls it. */
export async function closeApproval(
  client: PoolClient,
  tenant: string,
  request: string,
  state: 'approved' | 'rejected' | 'expired' | 'cancelled' | 'superseded',
): Promise<void> {
  await client.query(
    `update approval_requests set state = $3::text, closed_at = clock_timestamp()
     where tenant = $1::text and request = $2::text and state in ('open', 'approved')`,
    [tenant, request, state],
  );
}

/** Counts the reminders that were due, so that each is told once. */
export async function countReminders(
  client: PoolClient,
  tenant: string,
  request: string,
  reminders: number,
): Promise<void> {
  await client.query(
    'update approval_requests set reminders = $3::integer where tenant = $1::text and request = $2::text',
    [tenant, request, reminders],
  );
}
