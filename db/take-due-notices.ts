import { type PoolClient } from 'pg';

export interface DueNotice {
  readonly tenant: string;
  readonly request: string;
  /** As it was when it was taken: what comes later is a change that nobody has told yet. */
  readonly version: number;
  /** How often it was tried in vain since the last change. */
  readonly attempts: number;
  /** By which it is known whether it was taken by somebody else since. */
  readonly hold: number;
}

/** What a loop holds is free so soon after the loop has died: long beside a pause of a living one, short for whoever waits for a card. */
const HELD_SECONDS = 20;
/** Several times before it ends. */
export const HOLD_EVERY_MS = 5_000;

/** Requests that some surface does not show as they are, of every tenant. Whoever takes them holds them: nobody else tells them, even when they change. */
export async function takeDueNotices(client: PoolClient, limit: number): Promise<readonly DueNotice[]> {
  const { rows } = await client.query<DueNotice>(
    `with due as (
       select tenant, request from notices
       where shown_version < version and due_at <= clock_timestamp() and held_until <= clock_timestamp()
       order by due_at limit $1::integer for update skip locked
     )
     update notices n set held_until = clock_timestamp() + make_interval(secs => $2::integer), hold = n.hold + 1
     from due where (n.tenant, n.request) = (due.tenant, due.request)
     returning n.tenant, n.request, n.version::float8 as version, n.attempts, n.hold::float8 as hold`,
    [limit, HELD_SECONDS],
  );
  return rows;
}

/** Goes on holding those of them that were not let go, nor lost. */
export async function holdNotices(client: PoolClient, held: readonly DueNotice[]): Promise<void> {
  await client.query(
    `update notices n set held_until = clock_timestamp() + make_interval(secs => $3::integer)
     from unnest($1::text[], $2::text[], $4::bigint[]) as held (tenant, request, hold)
     where (n.tenant, n.request, n.hold) = (held.tenant, held.request, held.hold) and n.held_until > clock_timestamp()`,
    [held.map(({ tenant }) => tenant), held.map(({ request }) => request), HELD_SECONDS, held.map(({ hold }) => hold)],
  );
}
