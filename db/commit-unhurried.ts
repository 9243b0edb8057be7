import { type PoolClient } from 'pg';

/**
 * Has the commit of this transaction not wait for the disk. For what costs nothing if a crash of Postgres loses it, or what is followed by a commit
 * that does wait, before anybody acts on it: there is one log, and it is written in order.
 */
export async function commitUnhurried(client: PoolClient): Promise<void> {
  await client.query('set local synchronous_commit = off');
}
