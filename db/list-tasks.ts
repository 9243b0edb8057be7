import { type PoolClient } from 'pg';

export interface StoredTask {
  readonly id: string;
  readonly action: string;
  readonly step: string;
  readonly kind: 'unknown_outcome' | 'undo_stuck' | 'revocation_overdue';
  readonly state: 'open' | 'resolved';
  readonly openedAt: Date;
  readonly resolution: string | null;
  readonly reason: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
}

export const TASK_COLUMNS = `task as id, action, step, kind, state, opened_at as "openedAt", resolution, reason, resolved_by as "resolvedBy", resolved_at as "resolvedAt"`;

export interface TaskFilter {
  readonly state?: string;
  readonly action?: string;
  /** Only those of actions in one of these. */
  readonly environments?: readonly string[];
  /** The last id of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** What waits for a person, or waited. */
export async function listTasks(client: PoolClient, tenant: string, filter: TaskFilter): Promise<StoredTask[]> {
  const { rows } = await client.query<StoredTask>(
    `select ${TASK_COLUMNS} from tasks
     where tenant = $1::text and ($2::text is null or state = $2::text) and ($3::text is null or action = $3::text)
       and ($4::text is null or task > $4::text)
       and ($5::text[] is null or exists (
         select from actions a where (a.tenant, a.action) = (tasks.tenant, tasks.action) and a.environment = any ($5::text[])))
     order by task limit $6::integer`,
    [
      tenant,
      filter.state ?? null,
      filter.action ?? null,
      filter.after ?? null,
      filter.environments ?? null,
      filter.limit,
    ],
  );
  return rows;
}
