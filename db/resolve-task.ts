import { type PoolClient } from 'pg';
import { onlyRow } from './only-row';
import { type TaskResolution } from './tasks';

export interface Resolution {
  readonly task: string;
  readonly resolution: TaskResolution;
  readonly reason: string;
  readonly by: string;
}

/** `unchanged`: it was resolved this way before. */
export type ResolutionResult = 'done' | 'unchanged' | 'not_found' | 'forbidden' | 'self_approval' | 'task_resolved';

/** Records what a person found out, with wake-up and ledger entry, or nothing. The database function knows who may not; the first resolution stands. */
export async function resolveTask(
  client: PoolClient,
  tenant: string,
  { task, resolution, reason, by }: Resolution,
): Promise<ResolutionResult> {
  const { rows } = await client.query<{ result: ResolutionResult }>(
    'select resolve_task($1::text, $2::text, $3::text, $4::text, $5::text) as result',
    [tenant, task, by, resolution, reason],
  );
  return onlyRow(rows).result;
}
