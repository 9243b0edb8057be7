import { createHash, randomUUID } from 'node:crypto';
import { type Client } from 'pg';

/** An agent that has a key, so that it can ask. */
export interface Asking {
  readonly agent: string;
  readonly key: string;
}

/** As many as ask at once, at most; all others are registered only. */
const ASKING = 8;

/** Registers agents until there are `size` of them, as whoever owns the database, and gives the first few a key. */
export async function registerFleet(owner: Client, size: number): Promise<readonly Asking[]> {
  await owner.query(`select set_config('app.tenant', 'demo', false)`);
  // Idle agents cost nothing, but to start the workflows of twenty thousand in one minute would be what is measured.
  await owner.query('alter table agents disable trigger wake_agent_made');
  await owner.query(
    `insert into agents (tenant, agent, version, owner, creator, team, environment, roles)
     select 'demo', 'fleet-' || n, '1', 'alice', 'alice', 'finance', 'development', '{invoice-payer}' from generate_series(1, $1::integer) n
     on conflict do nothing`,
    [size],
  );
  await owner.query('alter table agents enable trigger wake_agent_made');
  await owner.query('analyze agents');
  const asking = Array.from({ length: Math.min(size, ASKING) }, (_, i) => ({
    agent: `fleet-${String(i + 1)}`,
    key: `drill-${randomUUID()}`,
  }));
  for (const { agent, key } of asking)
    await owner.query(
      `insert into agent_keys (tenant, key_hash, agent, generation) values ('demo', $1::bytea, $2::text, 1)`,
      [createHash('sha256').update(key).digest(), agent],
    );
  return asking;
}
