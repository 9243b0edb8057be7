import { type PoolClient } from 'pg';

/** Where a person can be reached; null where they cannot. */
export interface StoredRecipient {
  readonly person: string;
  readonly slackUser: string | null;
  readonly mail: string | null;
}

/** The people of these ids who are still there. `slackTeam`: the one workspace that we speak in, if any. */
export async function listRecipients(
  client: PoolClient,
  tenant: string,
  people: readonly string[],
  slackTeam: string | null,
): Promise<readonly StoredRecipient[]> {
  const { rows } = await client.query<StoredRecipient>(
    `select p.person, s.slack_user as "slackUser", m.address as mail
     from people p
     left join slack_identities s on (s.tenant, s.person, s.slack_team) = (p.tenant, p.person, $3::text)
     left join person_addresses m on (m.tenant, m.person) = (p.tenant, p.person)
     where p.tenant = $1::text and p.person = any($2::text[]) and p.state = 'active' order by p.person`,
    [tenant, people, slackTeam],
  );
  return rows;
}
