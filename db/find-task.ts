import { type PoolClient } from 'pg';
import { type StoredTask, TASK_COLUMNS } from './list-tasks';

export async function findTask(client: PoolClient, tenant: string, task: string): Promise<StoredTask | undefined> {
  const { rows } = await client.query<StoredTask>(
    `select ${TASK_COLUMNS} from tasks where tenant = $1::text and task = $2::text`,
    [tenant, task],
  );
  return rows[0];
}
