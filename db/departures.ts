import { type PoolClient } from 'pg';
import { onlyRow } from './only-row';

/** The person who left, while something that hung on them may still be as it was. */
export async function findOpenDeparture(
  client: PoolClient,
  tenant: string,
  departure: string,
): Promise<string | undefined> {
  const { rows } = await client.query<{ person: string }>(
    'select person from departures where tenant = $1::text and departure = $2::text and finished_at is null',
    [tenant, departure],
  );
  return rows[0]?.person;
}

const AGENTS = `
  select a.agent from agents a
  where a.tenant = $1::text and a.owner = $2::text and a.state <> 'offboarded' and not exists (
    select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (a.tenant, a.owner, 'agent', a.agent))
  order by a.agent limit $3::integer`;

/** Agents of a person who left for which nobody has been found, and which have not been stopped. */
export async function agentsToHandOver(
  client: PoolClient,
  tenant: string,
  person: string,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ agent: string }>(AGENTS, [tenant, person, limit]);
  return rows.map(({ agent }) => agent);
}

/** To the heir, or it stops. What was done already is not done again. */
export async function handOverAgent(client: PoolClient, tenant: string, person: string, agent: string): Promise<void> {
  await client.query('select hand_over_agent($1::text, $2::text, $3::text)', [tenant, person, agent]);
}

export interface RequestToReroute {
  readonly request: string;
  readonly actionId: string;
  readonly round: number;
  readonly environment: string;
}

// Those that wait for whoever left; and those of an agent whose new owner was to answer.
const REQUESTS = `
  select r.request, r.action as "actionId", r.round, a.environment
  from approval_requests r
  join actions a using (tenant, action)
  join departures d on d.tenant = r.tenant and d.person = $2::text
  where r.tenant = $1::text and r.state = 'open'
    and exists (select from jsonb_array_elements(r.stages) s, lateral (
        select (s -> 'eligible') || coalesce(s -> 'escalation' -> 'eligible', '[]') as people) asked
      where asked.people ? d.person or asked.people ? d.agents_to and exists (
        select from departure_outcomes h
        where (h.tenant, h.person, h.kind, h.subject, h.outcome) = (d.tenant, d.person, 'agent', a.agent, 'handed_over')))
    and not exists (select from departure_outcomes o where (o.tenant, o.person, o.kind, o.subject) = (d.tenant, d.person, 'approval', r.request))
  order by r.request limit $3::integer`;

/** Open requests that count on somebody who cannot answer any more. */
export async function requestsToReroute(
  client: PoolClient,
  tenant: string,
  person: string,
  limit: number,
): Promise<readonly RequestToReroute[]> {
  const { rows } = await client.query<RequestToReroute>(REQUESTS, [tenant, person, limit]);
  return rows;
}

/** Leaves the request to whoever is left of those it was opened for. False: that was done, or it is over. */
export async function rerouteApproval(
  client: PoolClient,
  tenant: string,
  person: string,
  request: string,
): Promise<boolean> {
  const { rows } = await client.query<{ outcome: string | null }>(
    'select reroute_approval($1::text, $2::text, $3::text) as outcome',
    [tenant, person, request],
  );
  return onlyRow(rows).outcome !== null;
}

/** Ends a request that nobody is left to countersign. */
export async function endUnanswerable(
  client: PoolClient,
  tenant: string,
  person: string,
  request: string,
): Promise<void> {
  await client.query('select end_unanswerable($1::text, $2::text, $3::text)', [tenant, person, request]);
}

/** False: something became the person's meanwhile, or was not reached yet. */
export async function finishDeparture(client: PoolClient, tenant: string, person: string): Promise<boolean> {
  const { rows } = await client.query<{ finished: boolean }>(
    'select finish_departure($1::text, $2::text) as finished',
    [tenant, person],
  );
  return onlyRow(rows).finished;
}
