import { type Pool } from 'pg';
import { finishOutbox, type OutboxRow, postponeOutbox, takeDueOutbox } from '../db/take-due-outbox';
import { inTransaction } from '../db/in-transaction';
import { isUnfinished } from '../db/is-unfinished';
import { readAsTenant } from '../db/read-as-tenant';
import { startOf } from '../temporal/start-of';
import { type HowToWake, type Waker, type Woken } from '../temporal/wake';

/** As many wake-ups at once as a slow Temporal can be asked for without the others waiting long. */
const AT_ONCE = 20;

/**
 * Sends the messages whose time has come. A workflow that has ended needs none, unless what it was for has not: where Postgres lost that end (it
 * was restored, or somebody started the workflow by hand before us), it is started again, and goes on from the rows.
 */
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
      if ((await tell(row)) === 'closed' && (await isOrphan(row))) await tell(row, { again: true });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.name : 'unknown';
    }
  }
  async function tell(row: OutboxRow, how?: HowToWake): Promise<Woken> {
    if (row.kind === 'agent') return await waker.wakeAgent(row, how);
    if (row.kind === 'departure') return await waker.wakeDeparture(row, how);
    return await waker.wake(startOf({ ...row, actionId: row.action }), how);
  }
  /** Asked after its workflow was found closed: that commits its end before it closes, so what is open now, nobody is going to end. */
  async function isOrphan(row: OutboxRow): Promise<boolean> {
    return await readAsTenant(pool, row.tenant, async (client) => await isUnfinished(client, row));
  }
  async function writeDown({ row, code }: { row: OutboxRow; code: string | undefined }): Promise<void> {
    await inTransaction(
      pool,
      async (client) => await (code === undefined ? finishOutbox(client, row) : postponeOutbox(client, row, code)),
    );
  }
}
