import { type PoolClient } from 'pg';
import { type ApprovalChain } from '../domain/documents';
import { openStages } from '../domain/open-stages';
import { approversIn } from './approvers-in';

export interface ApprovalAsked {
  readonly actionId: string;
  readonly environment: string;
  readonly round: number;
  readonly digest: string;
  readonly chains: readonly ApprovalChain[];
}

const INSERT = `
  insert into approval_requests (tenant, request, action, round, digest, chains, stages, deadline, valid_for_ms)
  values ($1::text, $2::text, $3::text, $4::integer, $5::text, $6::text[], $7::jsonb, now() + make_interval(secs => $8::bigint / 1000.0), $9::bigint)`;

/** One request of one round: its id says which, so that asking twice cannot open two. */
export function requestIdOf(actionId: string, round: number): string {
  return `apr-${actionId.slice('act-'.length)}-${round}`;
}

// Whoever leaves waits for it, and so is not asked after their departure was looked through.
const BEFORE_ANYBODY_LEAVES = `select pg_advisory_xact_lock_shared(hashtextextended('countersign/people/' || $1::text, 0))`;

/** Opens the request and settles who may vote. False: no set of people could satisfy it, so nothing was opened. */
export async function openApproval(client: PoolClient, tenant: string, asked: ApprovalAsked): Promise<boolean> {
  const [, conflicted, approvers] = await Promise.all([
    client.query(BEFORE_ANYBODY_LEAVES, [tenant]),
    client.query<{ person: string }>('select conflicted_people($1::text, $2::text) as person', [
      tenant,
      asked.actionId,
    ]),
    approversIn(client, tenant, asked.environment),
  ]);
  const opening = openStages(asked.chains, approvers, new Set(conflicted.rows.map((row) => row.person)));
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
