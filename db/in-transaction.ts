import { type Pool, type PoolClient } from 'pg';

/** What `pg` says where no answer came in time. Everything that is sent on that connection afterwards would wait behind it. */
const NO_ANSWER = 'Query read timeout';

/** How a transaction begins; what depends on a connection is quoted for it. */
export type Opening = (client: PoolClient) => string;

/** Runs `work` in one READ COMMITTED transaction. By itself it is for the role `loops`, which serves every tenant; see `withTenant`. */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  opening: Opening = () => 'begin',
): Promise<T> {
  const { client, release } = await lend(pool);
  try {
    const result = await opened(client, opening, work);
    await client.query('commit');
    release();
    return result;
  } catch (error) {
    await abandon(client, release, error);
    throw error;
  }
}

/**
 * The same for `work` that only reads: what was read is known before the transaction has ended, so nobody waits for that. The connection is lent
 * again when it has.
 */
export async function inReading<T>(pool: Pool, work: (client: PoolClient) => Promise<T>, opening: Opening): Promise<T> {
  const { client, release } = await lend(pool);
  try {
    const result = await opened(client, opening, work);
    void client.query('commit').then(() => release(), release);
    return result;
  } catch (error) {
    await abandon(client, release, error);
    throw error;
  }
}

/** The first statements follow the opening without waiting for it: on a pipeline, they meet it in the order in which they were sent. */
async function opened<T>(client: PoolClient, opening: Opening, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const [begun, done] = await Promise.allSettled([client.query(opening(client)), work(client)]);
  if (begun.status === 'rejected') throw begun.reason;
  if (done.status === 'rejected') throw done.reason;
  return done.value;
}

interface Lent {
  readonly client: PoolClient;
  /** Gives the connection back, or throws it away. */
  readonly release: (broken?: Error) => void;
}

async function lend(pool: Pool): Promise<Lent> {
  const client = await pool.connect();
  let lost: Error | undefined;
  // A session may end between two statements; the next one then fails. With nobody listening the process would end.
  const onError = (error: Error): void => void (lost = error);
  client.on('error', onError);
  return {
    client,
    release: (broken) => {
      client.off('error', onError);
      client.release(broken ?? lost);
    },
  };
}

/** A connection that cannot even roll back is thrown away rather than lent to the next caller. */
async function abandon(client: PoolClient, release: Lent['release'], error: unknown): Promise<void> {
  if (error instanceof Error && error.message === NO_ANSWER) release(error);
  else await client.query('rollback').then(() => release(), release);
}
