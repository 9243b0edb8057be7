import { type Pool, type PoolClient } from 'pg';
import { type Logger } from 'pino';

/** A connection of its own, on which Postgres tells that a fence was moved. */
export interface StopLine {
  /** The one that stands, or another. */
  readonly connection: () => Promise<PoolClient>;
  readonly hangUp: () => void;
}

/** `moved`: called for each notification. Whoever hears none may have lost the line without knowing. */
export function createStopLine(pool: Pool, log: Pick<Logger, 'warn'>, moved: () => void): StopLine {
  let standing: PoolClient | undefined;

  const hangUp = (): void => {
    standing?.release(true);
    standing = undefined;
  };

  const connect = async (): Promise<PoolClient> => {
    const client = await pool.connect();
    client.on('notification', moved);
    client.on('error', (err) => {
      log.warn({ err }, 'lost the line on which stops are heard');
      if (standing === client) hangUp();
    });
    standing = client;
    await client.query('listen countersign_fences');
    return client;
  };

  return { connection: async () => standing ?? (await connect()), hangUp };
}
