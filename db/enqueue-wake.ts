import { type PoolClient } from 'pg';

/**
 * Has the outbox start or wake the action's workflow after `delayMs`, unless somebody else did by then (`markWoken`). Answers with the row's id.
 * The delay is the time in which whoever enqueues tries it themselves: a wake-up too many costs the workflow a task.
 */
export async function enqueueWake(
  client: PoolClient,
  tenant: string,
  action: string,
  delayMs: number,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into outbox (tenant, kind, action, due_at)
     values ($1::text, 'wake', $2::text, clock_timestamp() + make_interval(secs => $3::double precision / 1000))
     returning id`,
    [tenant, action, delayMs],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('insert into outbox returned no row');
  return row.id;
}
