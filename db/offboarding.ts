import { type PoolClient } from 'pg';
import { type JsonObject } from '../domain/json';
import { type Asked } from './change-agents';
import { LIVE_GRANT_COLUMNS, type LiveGrant } from './live-grants';
import { onlyRow } from './only-row';

/** What an offboarding still waits for, without what a person answers for. */
export interface Left {
  readonly kind: 'action' | 'agent' | 'grant' | 'budget' | 'key';
  readonly subject: string;
  readonly state: string;
}

const OF_AGENT = '$1::text, $2::text, $3::integer';

export async function leftOfAgent(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<Left[]> {
  const { rows } = await client.query<Left>(
    `select kind, subject, state from left_of_agent(${OF_AGENT}) order by kind, subject limit 1000`,
    [tenant, agent, generation],
  );
  return rows;
}

/** Takes the agents that come from that generation out of service too. They do the same with theirs. */
export async function offboardChildren(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<void> {
  await client.query(`select offboard_children(${OF_AGENT})`, [tenant, agent, generation]);
}

/** Asks every open action of that generation to end before anything happens, once. */
export async function cancelForOffboarding(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<void> {
  await client.query(`select cancel_for_offboarding(${OF_AGENT})`, [tenant, agent, generation]);
}

/** Revokes the agent's keys. Answers with how many there were. */
export async function cutOffAgent(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<number> {
  const { rows } = await client.query<{ keys: number }>(`select cut_off_agent(${OF_AGENT}) as keys`, [
    tenant,
    agent,
    generation,
  ]);
  return rows[0]?.keys ?? 0;
}

/** Credentials that were made for actions of that generation and are not known to be dead. */
export async function liveGrantsOf(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<LiveGrant[]> {
  const { rows } = await client.query<LiveGrant>(
    `select ${LIVE_GRANT_COLUMNS} from grants g join actions a on (a.tenant, a.action) = (g.tenant, g.action)
     where g.tenant = $1::text and g.agent = $2::text and a.agent_generation = $3::integer and g.state <> 'revoked'
     order by g.grant_id limit 100`,
    [tenant, agent, generation],
  );
  return rows;
}

export interface EndedGrant extends Pick<LiveGrant, 'target' | 'decidedUnder'> {
  readonly grantId: string;
  /** Whether there is no receipt before somebody has looked for it. */
  readonly waitedFor: boolean;
}

/** Credentials of that generation that have ended, the last ones first, and that nobody has looked for at their target. */
export async function unverifiedGrantsOf(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<EndedGrant[]> {
  const { rows } = await client.query<EndedGrant>(
    `select ${LIVE_GRANT_COLUMNS},
       g.grant_id in (select l.subject from left_of_agent(${OF_AGENT}) l where l.kind = 'grant') as "waitedFor"
     from grants g join actions a on (a.tenant, a.action) = (g.tenant, g.action)
     where g.tenant = $1::text and g.agent = $2::text and a.agent_generation = $3::integer and g.state = 'revoked' and g.verified is null
     order by g.revoked_at desc limit 1000`,
    [tenant, agent, generation],
  );
  return rows;
}

export async function recordVerified(
  client: PoolClient,
  tenant: string,
  grantIds: readonly string[],
  verified: 'absent' | 'unverified',
): Promise<void> {
  await client.query(
    `update grants set verified = $3::text, verified_at = clock_timestamp()
     where tenant = $1::text and grant_id = any ($2::text[]) and state = 'revoked'`,
    [tenant, grantIds, verified],
  );
}

/**
 * Of those that the table thinks dead: the target says otherwise, so they are ended again, and looked for again. Answers with those that were.
 */
export async function reopenGrants(client: PoolClient, tenant: string, grantIds: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ grant: string }>(
    `update grants set state = 'revoking', ended_by = null, revoked_at = null, next_revoke_at = clock_timestamp(), verified = null, verified_at = null
     where tenant = $1::text and grant_id = any ($2::text[]) and state = 'revoked' returning grant_id as grant`,
    [tenant, grantIds],
  );
  return rows.map(({ grant }) => grant);
}

/**
 * An agent that did a million things leaves like any other: of those, the receipt looks at the last ones, what has not ended first of all. So much is
 * read in some hundredths of a second, and a receipt is read by people.
 */
const IN_RECEIPT = 10_000;

// Which generation a grant is of is asked of each by itself: joined, all that the agent ever did would be read to find these.
const RECEIPT = `
  with actions_of as (
    select a.* from (select action, state, settled_at, agent_generation from actions
      where tenant = $1::text and agent = $2::text order by settled_at desc limit ${String(IN_RECEIPT)}) a
    where a.agent_generation = $3::integer),
  grants_of as (
    select r.* from (select grant_id, action, target, ended_by, revoked_at, verified, verified_at from grants
      where tenant = $1::text and agent = $2::text order by revoked_at desc limit ${String(IN_RECEIPT)}) r
    where (select a.agent_generation from actions a where a.tenant = $1::text and a.action = r.action) = $3::integer)
  select jsonb_build_object(
    'v', 1, 'tenant', g.tenant, 'agent', g.agent, 'generation', g.generation, 'version', g.version, 'owner', g.owner,
    'fencedAt', iso_time(g.state_since), 'issuedAt', iso_time(clock_timestamp()),
    'actions', (
      select jsonb_build_object(
        'ofTheLast', ${String(IN_RECEIPT)},
        'byEnd', (select coalesce(jsonb_object_agg(e.state, e.n), '{}') from (select a.state, count(*) as n from actions_of a group by a.state) e),
        'inFlight', (select coalesce(jsonb_agg(jsonb_build_object('action', a.action, 'state', a.state, 'endedAt', iso_time(a.settled_at)) order by a.action), '[]')
          from actions_of a where a.settled_at is null or a.settled_at >= g.state_since))),
    'grants', (
      select jsonb_build_object(
        'ofTheLast', ${String(IN_RECEIPT)},
        'byVerification', (select coalesce(jsonb_object_agg(e.verified, e.n), '{}') from (
          select coalesce(r.verified, 'not asked') as verified, count(*) as n from grants_of r group by 1) e),
        'inFlight', (select coalesce(jsonb_agg(jsonb_build_object('grant', r.grant_id, 'target', r.target, 'endedBy', r.ended_by, 'endedAt', iso_time(r.revoked_at),
            'verified', r.verified, 'verifiedAt', iso_time(r.verified_at)) order by r.grant_id), '[]')
          from grants_of r where r.revoked_at is null or r.revoked_at >= g.state_since))),
    'keys', jsonb_build_object('revoked',
      (select count(*) from agent_keys k
       where k.tenant = g.tenant and k.agent = g.agent and k.generation = g.generation and k.revoked_at is not null)
      + (select count(*) from agent_credentials c
         where c.tenant = g.tenant and c.agent = g.agent and c.generation = g.generation and c.revoked_at is not null)),
    'children', (select coalesce(jsonb_agg(jsonb_build_object('agent', b.agent, 'generation', b.generation, 'state', b.state,
        'receipt', (select c.digest from receipts c where (c.tenant, c.agent, c.generation) = (g.tenant, b.agent, b.generation))) order by b.agent), '[]')
      from born_of(g.tenant, g.agent) b),
    'exceptions', (select coalesce(jsonb_agg(jsonb_build_object('subject', x.subject, 'acceptedBy', x.accepted_by, 'acceptedAt', iso_time(x.accepted_at)) order by x.subject), '[]')
      from offboarding_exceptions x where x.tenant = g.tenant and x.agent = g.agent and x.generation = g.generation)
  ) as receipt
  from agents g where g.tenant = $1::text and g.agent = $2::text and g.generation = $3::integer and g.state = 'offboarding'`;

/** What the receipt of that generation says, as things stand. `undefined`: it is not being offboarded. */
export async function draftReceipt(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<JsonObject | undefined> {
  const { rows } = await client.query<{ receipt: JsonObject }>(RECEIPT, [tenant, agent, generation]);
  return rows[0]?.receipt;
}

/** The end. False: something is left yet. */
export async function finishOffboarding(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
  receipt: { readonly content: JsonObject; readonly digest: string },
): Promise<boolean> {
  const { rows } = await client.query<{ finished: boolean }>(
    `select finish_offboarding(${OF_AGENT}, $4::jsonb, $5::text) as finished`,
    [tenant, agent, generation, JSON.stringify(receipt.content), receipt.digest],
  );
  return rows[0]?.finished === true;
}

export type ExceptResult =
  'done' | 'not_found' | 'forbidden' | 'self_approval' | 'reason_required' | 'agent_state_forbids';

/** A person answers for what an offboarding cannot settle or look for. */
export async function exceptFromOffboarding(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  agent: string,
  subject: string,
): Promise<ExceptResult> {
  const { rows } = await client.query<{ result: ExceptResult }>(
    'select except_from_offboarding($1::text, $2::text, $3::text, $4::text, $5::text) as result',
    [tenant, actor, agent, subject, reason],
  );
  return onlyRow(rows).result;
}
