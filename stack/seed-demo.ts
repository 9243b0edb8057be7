import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Client } from 'pg';
import { writePrivate } from './write-private';

export interface DemoLogins {
  readonly agentKey: string;
  readonly people: Readonly<Record<'alice' | 'bob' | 'carol', { readonly token: string }>>;
}

/** Where a person of the demo is to be found. An address in Slack is one of its team and its user. */
export interface Reach {
  readonly person: string;
  readonly slack?: { readonly team: string; readonly user: string };
  readonly mail?: string;
}

export interface SeedOptions {
  /** The owner's. */
  readonly databaseUrl: string;
  /** Keeps the logins, which the database holds only as hashes. */
  readonly path: string;
  /** Groups that the approval chains in force name; bob and carol are in all of them, so that any policy directory can be tried out. */
  readonly groups: readonly string[];
  /** Absent: nobody is reachable but by looking. */
  readonly reach?: readonly Reach[];
}

const TENANT = 'demo';
const PEOPLE = [
  { person: 'alice', name: 'Alice (demo)', roles: ['owner', 'operator'], approver: false },
  { person: 'bob', name: 'Bob (demo)', roles: ['approver', 'operator'], approver: true },
  { person: 'carol', name: 'Carol (demo)', roles: ['approver'], approver: true },
] as const;
const AGENT = {
  agent: 'invoice-agent',
  owner: 'alice',
  team: 'finance',
  environment: 'development',
  version: '1',
  roles: ['invoice-payer'],
} as const;

/** The demo's tenant, people and agent, marked as demo. Repeating it changes nothing but the groups, which follow the chains. */
export async function seedDemo({ databaseUrl, path, groups, reach = [] }: SeedOptions): Promise<DemoLogins> {
  const logins = demoLogins(path);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('app.tenant', $1::text, true)`, [TENANT]);
    await client.query(`insert into tenants (tenant, name) values ($1::text, 'Demo') on conflict do nothing`, [TENANT]);
    for (const { person, name, roles, approver } of PEOPLE) {
      await seedPerson(client, {
        person,
        name,
        roles,
        token: logins.people[person].token,
        groups: approver ? groups : [],
      });
    }
    for (const each of reach) await seedReach(client, each);
    await seedAgent(client, logins.agentKey);
    await client.query('commit');
  } finally {
    await client.end();
  }
  return logins;
}

interface Person {
  readonly person: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly token: string;
  readonly groups: readonly string[];
}

async function seedPerson(client: Client, { person, name, roles, token, groups }: Person): Promise<void> {
  await client.query(
    `insert into people (tenant, person, name, roles, demo) values ($1::text, $2::text, $3::text, $4::text[], true) on conflict do nothing`,
    [TENANT, person, name, roles],
  );
  await client.query(
    `insert into person_tokens (tenant, token_hash, person, expires_at) values ($1::text, $2::bytea, $3::text, now() + interval '1 year')
     on conflict (tenant, token_hash) do update set expires_at = excluded.expires_at`,
    [TENANT, hashOf(token), person],
  );
  await client.query(
    `insert into group_members (tenant, group_name, person) select $1::text, unnest($2::text[]), $3::text on conflict do nothing`,
    [TENANT, groups, person],
  );
}

async function seedReach(client: Client, { person, slack, mail }: Reach): Promise<void> {
  if (slack !== undefined)
    await client.query(
      `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by)
       values ($1::text, $2::text, $3::text, $4::text, $4::text) on conflict do nothing`,
      [TENANT, slack.team, slack.user, person],
    );
  if (mail !== undefined)
    await client.query(
      `insert into person_addresses (tenant, person, address) values ($1::text, $2::text, $3::text) on conflict do nothing`,
      [TENANT, person, mail],
    );
}

async function seedAgent(client: Client, key: string): Promise<void> {
  await client.query(
    `insert into agents (tenant, agent, version, owner, creator, team, environment, roles)
     values ($1::text, $2::text, $3::text, $4::text, $4::text, $5::text, $6::text, $7::text[]) on conflict do nothing`,
    [TENANT, AGENT.agent, AGENT.version, AGENT.owner, AGENT.team, AGENT.environment, AGENT.roles],
  );
  await client.query(
    `insert into agent_keys (tenant, key_hash, agent, generation) values ($1::text, $2::bytea, $3::text, 1) on conflict do nothing`,
    [TENANT, hashOf(key), AGENT.agent],
  );
}

/** Made once: a script or a shell that holds one goes on working after a restart. */
function demoLogins(path: string): DemoLogins {
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as DemoLogins;
  const secret = (kind: string): string => `countersign_${kind}_${randomBytes(32).toString('base64url')}`;
  const people = {
    alice: { token: secret('person') },
    bob: { token: secret('person') },
    carol: { token: secret('person') },
  };
  const logins = { agentKey: secret('agent'), people };
  writePrivate(path, JSON.stringify(logins));
  return logins;
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
