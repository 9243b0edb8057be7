import { type PoolClient } from 'pg';

export type TaskKind = 'unknown_outcome' | 'undo_stuck' | 'revocation_overdue';

export interface TaskRecord {
  readonly task: string;
  readonly state: 'open' | 'resolved';
  readonly resolution: 'happened' | 'did_not_happen' | 'mended' | null;
}

/** One task for one step and one kind of trouble: its id says which. */
export function taskIdOf(actionId: string, step: string, kind: TaskKind): string {
  return `${actionId}.${step}.${kind}`;
}

/** Asks a person. True: this call asked; it stood already otherwise. */
export async function openTask(client: PoolClient, tenant: string, actionId: string, step: string, kind: TaskKind): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into tasks (tenant, task, action, step, kind) values ($1::text, $2::text, $3::text, $4::text, $5::text) on conflict (tenant, task) do nothing`,
    [tenant, taskIdOf(actionId, step, kind), actionId, step, kind],
  );
  return rowCount === 1;
}

export async function findTask(client: PoolClient, tenant: string, task: string): Promise<TaskRecord | undefined> {
  const { rows } = await client.query<TaskRecord>('select task, state, resolution from tasks where tenant = $1::text and task = $2::text', [tenant, task]);
  return rows[0];
}
