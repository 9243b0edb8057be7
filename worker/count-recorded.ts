import { type PoolClient } from 'pg';
import { type Database } from '../activities/deps';
import { type Meter } from '../telemetry/meter';
import { isLedgerFailure } from '../db/is-ledger-failure';

/** Counts what transactions record, once they are committed: what was rolled back did not happen. */
export function countRecorded(db: Database, meter: Meter): Database {
  const notes = new WeakMap<PoolClient, (() => void)[]>();
  const note = (client: PoolClient, count: () => void): void => void notes.get(client)?.push(count);
  return {
    ...db,
    withTenant: async (tenant, work) => {
      let noted: (() => void)[] = [];
      const result = await countFailure(meter, async () =>
        db.withTenant(tenant, async (client) => {
          notes.set(client, (noted = []));
          return await work(client);
        }),
      );
      for (const count of noted) count();
      return result;
    },
    recordDecision: async (client, tenant, record) => {
      const inputDigest = await db.recordDecision(client, tenant, record);
      const [stage = ''] = record.stage.split('/');
      const labels = { type: record.input.action.type, stage, effect: record.decision.effect };
      note(client, () => meter.count('countersign_decisions_total', labels));
      return inputDigest;
    },
    recordEffect: async (client, tenant, end) => {
      const first = await db.recordEffect(client, tenant, end);
      if (first) note(client, () => meter.count('countersign_effects_total', { kind: end.kind, state: end.state }));
      return first;
    },
    settleAction: async (client, tenant, actionId, ending, outcome) => {
      const settled = await db.settleAction(client, tenant, actionId, ending, outcome);
      if (settled !== undefined)
        note(client, () => {
          meter.count('countersign_actions_settled_total', { type: settled.type, ending });
          meter.observe('countersign_action_seconds', { type: settled.type, ending }, settled.seconds);
        });
      return settled;
    },
  };
}

async function countFailure<T>(meter: Meter, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isLedgerFailure(error)) meter.count('countersign_ledger_failures_total', {});
    throw error;
  }
}
