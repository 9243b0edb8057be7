import { type World } from '../helpers/world';

/** A row in each table about what people decide on agents, and look for at targets. */
export async function seedLives(world: World, tenant: string, id: string, digest: string): Promise<void> {
  await world.rows(
    `insert into proposals (tenant, proposal, verb, subject, what, digest, proposed_by) values ($1, 'prp-${id}', 'lift', 'team:sales', '{"epoch": 1}', $2, 'bob')`,
    [tenant, digest],
  );
  await world.rows(
    `insert into offboarding_exceptions (tenant, agent, generation, subject, reason, accepted_by) values ($1, 'payer', 1, 's', 'r', 'bob')`,
    [tenant],
  );
  await world.rows(`insert into reconciliations (tenant, reconciliation, asked_by) values ($1, 'rec-${id}', 'bob')`, [
    tenant,
  ]);
  await world.rows(
    `insert into receipts (tenant, agent, generation, receipt, digest) values ($1, 'payer', 1, '{}', $2)`,
    [tenant, digest],
  );
  await world.rows(`insert into review_watches (tenant) values ($1)`, [tenant]);
  await world.rows(`insert into agent_notes (tenant, agent, person, kind) values ($1, 'payer', 'alice', 'idle')`, [
    tenant,
  ]);
  await world.rows(
    `insert into departures (tenant, person, agents_to, actor, reason) values ($1, 'alice', 'erin', 'carol', 'r')`,
    [tenant],
  );
  await world.rows(
    `insert into departure_outcomes (tenant, person, kind, subject, outcome) values ($1, 'alice', 'group', 'g', 'empty')`,
    [tenant],
  );
}
