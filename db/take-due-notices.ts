import { type PoolClient } from 'pg';

export interface DueNotice {
  readonly tenant: string;
  readonly request: string;
  /** How often it was tried in vain since the last change. */
  readonly attempts: number;
}

/**
 * Requests that some surface does not show as they are, of every tenant. Taking them puts off their next turn, so that two loops do not tell the same at
 * once: a round of Slack takes 26 s at most, one of mail as long, and the rest is for finding what an earlier try had sent.
 */
export async function takeDueNotices(client: PoolClient, limit: number): Promise<readonly DueNotice[]> {
  const { rows } = await client.query<DueNotice>(
    `with due as (
       select tenant, request from notices where shown_version < version and due_at <= clock_timestamp()
       order by due_at limit $1::integer for update skip locked
     )
     update notices n set due_at = clock_timestamp() + interval '90 seconds'
     from due where (n.tenant, n.request) = (due.tenant, due.request)
     returning n.tenant, n.request, n.attempts`,
    [limit],
  );
  return rows;
}
