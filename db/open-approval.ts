import { type PoolClient } from 'pg';
import { type ApprovalChain } from '../domain/documents';
import { openStages } from '../domain/open-stages';

export interface ApprovalAsked {
  readonly actionId: string;
  readonly round: number;
  readonly digest: string;
  readonly chains: readonly ApprovalChain[];
}

const MEMBERS = `
  select m.group_name as "group", m.person
  from group_members m join people p using (tenant, person)
  where m.tenant = $1::text and p.state = 'active' and 'approver' = any (p.roles)`;

const INSERT = `
  insert into approval_requests (tenant, request, action, round, digest, chains, stages, deadline, valid_for_ms)
  values ($1::text, $2::text, $3::text, $4::integer, $5::text, $6::text[], $7::jsonb, now() + make_interval(secs => $8::bigint / 1000.0), $9::bigint)`;

/** One request of one round: its id says which, so that asking twice cannot open two. */
export function requestIdOf(actionId: string, round: number): string {
  return `apr-${actionId.slice('act-'.length)}-${round}`;
}

/** Opens the request and settles who may vote. False: no set of people could satisfy it, so nothing was opened. */
export async function openApproval(client: PoolClient, tenant: string, asked: ApprovalAsked): Promise<boolean> {
  const members = await client.query<{ group: string; person: string }>(MEMBERS, [tenant]);
  const conflicted = await client.query<{ person: string }>('select conflicted_people($1::text, $2::text) as person', [
    tenant,
    asked.actionId,
  ]);
  const membersOf = (group: string): string[] =>
    members.rows.filter((row) => `group:${row.group}` === group).map((row) => row.person);
  const opening = openStages(asked.chains, membersOf, new Set(conflicted.rows.map((row) => row.person)));
  if (opening.kind === 'unsatisfiable') return false;
  await client.query(INSERT, [
    tenant,
    requestIdOf(asked.actionId, asked.round),
    asked.actionId,
    asked.round,
    asked.digest,
    asked.chains.map((chain) => chain.id),
    JSON.stringify(opening.stages),
    opening.decideWithinMs,
    opening.validForMs,
  ]);
  return true;
}
