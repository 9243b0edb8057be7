import { type PoolClient } from 'pg';

export type TaskKind = 'unknown_outcome' | 'undo_stuck' | 'revocation_overdue';

/** What was found out, or that it was mended. */
export type TaskResolution = 'happened' | 'did_not_happen' | 'mended';

export interface TaskRecord {
  readonly task: string;
  readonly state: 'open' | 'resolved';
  readonly resolution: TaskResolution | null;
}

/** The trouble that a task is about. `attempt`, where it is about one: what somebody found out about an attempt says nothing about the next. */
export interface Trouble {
  readonly actionId: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly attempt?: number | undefined;
  /** Where it is about one credential: a step has several, and each may be alive. */
  readonly grantId?: string;
}

/** One task for one trouble: its id says which. */
export function taskIdOf({ actionId, step, kind, attempt, grantId }: Trouble): string {
  if (grantId !== undefined) return overdueTaskOf(grantId);
  return [actionId, step, kind, ...(attempt === undefined ? [] : [attempt])].join('.');
}

/** The one about a credential that cannot be ended. */
export function overdueTaskOf(grantId: string): string {
  return `${grantId}.revocation_overdue`;
}

/** Asks a person. True: this call asked; it stood already otherwise. */
export async function openTask(client: PoolClient, tenant: string, trouble: Trouble): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into tasks (tenant, task, action, step, kind) values ($1::text, $2::text, $3::text, $4::text, $5::text) on conflict (tenant, task) do nothing`,
    [tenant, taskIdOf(trouble), trouble.actionId, trouble.step, trouble.kind],
  );
  return rowCount === 1;
}

export async function findTask(client: PoolClient, tenant: string, task: string): Promise<TaskRecord | undefined> {
  const { rows } = await client.query<TaskRecord>(
    'select task, state, resolution from tasks where tenant = $1::text and task = $2::text',
    [tenant, task],
  );
  return rows[0];
}

/** Takes a question back that its target has settled after all. False: nobody was asked, or somebody has answered. */
export async function withdrawTask(
  client: PoolClient,
  tenant: string,
  task: string,
  resolution: TaskResolution,
): Promise<boolean> {
  const { rows } = await client.query<{ withdrawn: boolean }>(
    'select withdraw_task($1::text, $2::text, $3::text) as withdrawn',
    [tenant, task, resolution],
  );
  return rows[0]?.withdrawn === true;
}
