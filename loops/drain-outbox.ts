import { type Pool } from 'pg';
import { finishOutbox, type OutboxRow, postponeOutbox, takeDueOutbox } from '../db/take-due-outbox';
import { inTransaction } from '../db/in-transaction';
import { startOf } from '../temporal/start-of';
import { type Waker } from '../temporal/wake';

/** As many wake-ups at once as a slow Temporal can be asked for without the others waiting long. */
const AT_ONCE = 20;

/** Sends the messages whose time has come. A workflow that has ended needs none, so that counts as sent. */
export function createDrainOutbox(pool: Pool, waker: Waker) {
  return async function drainOutbox(): Promise<boolean> {
    // Taking them puts off their next turn; so no transaction is open while Temporal is asked.
    const rows = await inTransaction(pool, async (client) => await takeDueOutbox(client, AT_ONCE));
    const sent = await Promise.all(rows.map(async (row) => ({ row, code: await send(row) })));
    for (const each of sent) await writeDown(each);
    return sent.some(({ code }) => code === undefined);
  };

  async function send(row: OutboxRow): Promise<string | undefined> {
    try {
      if (row.kind === 'agent') await waker.wakeAgent(row);
      else if (row.kind === 'departure') await waker.wakeDeparture(row);
      else await waker.wake(startOf({ ...row, actionId: row.action }));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.name : 'unknown';
    }
  }
  async function writeDown({ row, code }: { row: OutboxRow; code: string | undefined }): Promise<void> {
    await inTransaction(
      pool,
      async (client) => await (code === undefined ? finishOutbox(client, row) : postponeOutbox(client, row, code)),
    );
  }
}
