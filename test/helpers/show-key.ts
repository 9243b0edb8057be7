import { randomBytes } from 'node:crypto';
import { type Client } from 'pg';

/** A key of an agent that `person` was shown. `ended`: when it was revoked, in SQL. */
export async function showKey(
  superuser: Pick<Client, 'query'>,
  tenant: string,
  person: string,
  { agent = 'payer', ended = 'null' }: { readonly agent?: string; readonly ended?: string | undefined } = {},
): Promise<void> {
  await superuser.query(
    `insert into agent_credentials (tenant, kid, agent, generation, x, registered_by, issued_by, life, not_after, revoked_at)
     values ($1, $2, $3, 1, $2, 'enrolment', $4, '1 day', now() + interval '1 day', ${ended})`,
    [tenant, randomBytes(32).toString('base64url'), agent, person],
  );
}
