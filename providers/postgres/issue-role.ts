import { randomBytes } from 'node:crypto';
import { escapeIdentifier, escapeLiteral, type PoolClient } from 'pg';
import { Refused } from './refused';
import { scramVerifier } from './scram-verifier';
import { type Credential } from './session';

export interface Issue {
  readonly role: string;
  readonly profile: string;
  /** How many sessions it may have at once. */
  readonly connections: number;
  /** How long it may be used from now on; asked once it is about to be made. */
  readonly leftMs: () => number;
  readonly allowSuperuser: boolean;
}

/**
 * Makes the login role of one call: a member of the profile and of nothing else, good for so many connections, until its time is over by the
 * target's clock. Its password is made here, and known to the caller alone. A role of that name that an interrupted call left is given the
 * new password.
 */
export async function issueRole(
  client: PoolClient,
  { role, profile, connections, leftMs, allowSuperuser }: Issue,
): Promise<Credential> {
  const password = randomBytes(32).toString('base64url');
  const verifier = await scramVerifier(password);
  await client.query('begin');
  // Whoever ends this role waits here until it stands, or does not.
  await client.query('select pg_advisory_xact_lock(hashtextextended($1::text, 0))', [role]);
  const { rows } = await client.query<{ superuser: boolean; stands: boolean; until: string }>(
    `select current_setting('is_superuser') = 'on' as superuser,
            exists (select from pg_roles where rolname = $1::text) as stands,
            to_char((clock_timestamp() + make_interval(secs => $2::float8 / 1000)) at time zone 'UTC',
                    'YYYY-MM-DD HH24:MI:SS.US"+00"') as until`,
    [role, leftMs()],
  );
  const [found] = rows;
  if (found === undefined || (found.superuser && !allowSuperuser)) throw new Refused('target_minter_superuser');
  const name = escapeIdentifier(role);
  const { until } = found;
  await client.query(
    `${found.stands ? 'alter' : 'create'} role ${name} with login inherit connection limit ${String(connections)}
       password ${escapeLiteral(verifier)} valid until ${escapeLiteral(until)};
     grant ${escapeIdentifier(profile)} to ${name} with inherit true, set false;
     commit`,
  );
  return { role, password, until };
}
