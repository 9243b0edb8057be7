import { type PoolClient } from 'pg';

export interface Resolution {
  readonly task: string;
  readonly resolution: 'happened' | 'did_not_happen' | 'mended';
  readonly reason: string;
  readonly by: string;
}

/** Records what a person found out. False: the task was resolved before, and the first resolution stands. */
export async function resolveTask(
  client: PoolClient,
  tenant: string,
  { task, resolution, reason, by }: Resolution,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update tasks
     set state = 'resolved', resolution = $3::text, reason = $4::text, resolved_by = $5::text, resolved_at = clock_timestamp()
     where tenant = $1::text and task = $2::text and state = 'open'`,
    [tenant, task, resolution, reason, by],
  );
  return rowCount === 1;
}
