import { type World } from '../helpers/world';

/** Of a key that is nobody's. */
export const KID = 'A'.repeat(43);

/** A row in each table that knows what an agent runs, and of its keys. */
export async function seedCredentials(world: World, tenant: string): Promise<void> {
  await world.rows(
    `insert into agent_versions (tenant, agent, generation, version, digest, content, registered_by) values ($1, 'payer', 1, '1', $2, '{}', 'oscar')`,
    [tenant, `sha256:${'1'.repeat(64)}`],
  );
  await world.rows(
    `insert into agent_credentials (tenant, kid, agent, generation, x, registered_by, issued_by, life, not_after)
     values ($1, $2, 'payer', 1, $2, 'enrolment', 'oscar', '1 day', now() + interval '1 day')`,
    [tenant, KID],
  );
  await world.rows(`insert into agent_assertions values ($1, $2, '0123456789abcdef', now())`, [tenant, KID]);
  await world.rows(
    `insert into agent_enrolments (tenant, secret_hash, agent, generation, issued_by) values ($1, sha256('enrol'), 'payer', 1, 'oscar')`,
    [tenant],
  );
}
