import { type PoolClient } from 'pg';

/** A Slack account, by the ids that Slack never gives to another. */
export interface SlackAccount {
  readonly team: string;
  readonly user: string;
}

/** Whose account it is, if anybody's who is still here. */
export async function findSlackPerson(
  client: PoolClient,
  tenant: string,
  { team, user }: SlackAccount,
): Promise<string | undefined> {
  const { rows } = await client.query<{ person: string }>(
    `select s.person from slack_identities s join people p using (tenant, person)
     where s.tenant = $1::text and s.slack_team = $2::text and s.slack_user = $3::text and p.state = 'active'`,
    [tenant, team, user],
  );
  return rows[0]?.person;
}

/** False: that account has as many codes as are good at once. */
export async function issueLinkCode(
  client: PoolClient,
  tenant: string,
  { team, user }: SlackAccount,
  codeHash: Buffer,
): Promise<boolean> {
  const { rows } = await client.query<{ issued: boolean }>(
    'select issue_link_code($1::text, $2::text, $3::text, $4::bytea) as issued',
    [tenant, team, user, codeHash],
  );
  return rows[0]?.issued === true;
}

/** Whose account it is that a code would link, while it would. Looking spends nothing. */
export async function findLinkCode(
  client: PoolClient,
  tenant: string,
  codeHash: Buffer,
): Promise<SlackAccount | undefined> {
  const { rows } = await client.query<SlackAccount>(
    `select slack_team as team, slack_user as "user" from slack_link_codes
     where tenant = $1::text and code_hash = $2::bytea and used_at is null and expires_at > clock_timestamp()`,
    [tenant, codeHash],
  );
  return rows[0];
}

export type Linked = 'linked' | 'link_expired' | 'identity_taken' | 'not_found';

/** Says that the account which was given the code is that person's. */
export async function linkSlackByCode(
  client: PoolClient,
  tenant: string,
  person: string,
  codeHash: Buffer,
): Promise<Linked> {
  const { rows } = await client.query<{ result: Linked }>(
    'select link_slack_by_code($1::text, $2::text, $3::bytea) as result',
    [tenant, person, codeHash],
  );
  return rows[0]?.result ?? 'not_found';
}
