import { type Pool } from 'pg';
import { dueOutbox, finishOutbox, type OutboxRow, postponeOutbox } from '../db/due-outbox';
import { inTransaction } from '../db/in-transaction';
import { type ActionStart } from '../temporal/action-start';
import { type Waker } from '../temporal/wake';

/** One transaction holds so many rows while Temporal is called; more would hold them for long when it is slow. */
const AT_ONCE = 20;

/** Sends the messages whose time has come. A workflow that has ended needs none, so that counts as sent. */
export function createDrainOutbox(pool: Pool, waker: Waker) {
  return async function drainOutbox(): Promise<boolean> {
    return await inTransaction(pool, async (client) => {
      const rows = await dueOutbox(client, AT_ONCE);
      const sent = await Promise.all(rows.map(async (row) => ({ row, code: await send(row) })));
      for (const { row, code } of sent) {
        if (code === undefined) await finishOutbox(client, row);
        else await postponeOutbox(client, row, code);
      }
      return sent.some(({ code }) => code === undefined);
    });
  };

  async function send(row: OutboxRow): Promise<string | undefined> {
    try {
      await waker.wake(startOf(row));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.name : 'unknown';
    }
  }
}

function startOf({ tenant, action, agent, team, type, risk }: OutboxRow): ActionStart {
  return {
    tenant,
    actionId: action,
    labels: { agentId: agent, actionType: type, riskClass: risk, teamId: team },
    summary: `${type} for ${agent}`,
  };
}
