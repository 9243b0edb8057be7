import { type Pool, type PoolClient } from 'pg';

/** What `pg` says where no answer came in time. Everything that is sent on that connection afterwards would wait behind it. */
const NO_ANSWER = 'Query read timeout';

/** Runs `work` in one READ COMMITTED transaction. By itself it is for the role `loops`, which serves every tenant; see `withTenant`. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  opening: (client: PoolClient) => string = () => 'begin',
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A session may end between two statements; the next one then fails. With nobody listening the process would end.
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  try {
    await client.query(opening(client));
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is thrown away rather than lent to the next caller.
    if (error instanceof Error && error.message === NO_ANSWER) broken = error;
    else await client.query('rollback').catch((failure: unknown) => (broken = failure as Error));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
