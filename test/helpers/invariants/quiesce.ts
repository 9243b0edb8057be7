import { setTimeout as sleep } from 'node:timers/promises';
import { type Checked } from './evidence';

/** I3: whatever was accepted ends, and so does every credential. A line for each that does not. */
export async function quiesce({ auditor }: Pick<Checked, 'auditor'>, withinMs: number): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const { rows } = await auditor.query<{ what: string }>(
      // An action is not over while only its row says so: a worker may have died before the ledger heard of it.
      `select 'grant ' || grant_id || ' is ' || state as what from grants where state <> 'revoked'
       union all
       select 'action ' || action || ' is ' || state from actions a where not exists (
         select from ledger l where l.tenant = a.tenant and l.key = 'action/' || a.action || '/settled')`,
    );
    if (rows.length === 0 || performance.now() > deadline) return rows.map(({ what }) => `I3 never ended: ${what}`);
    await sleep(100);
  }
}
