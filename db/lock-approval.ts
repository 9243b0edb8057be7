import { type PoolClient } from 'pg';
import { type OpenStage, type Vote } from '../domain/approval';

/** A request with the votes that count now, locked against further votes until the transaction ends. */
export interface ApprovalRecord {
  readonly request: string;
  readonly digest: string;
  readonly chains: readonly string[];
  readonly stages: readonly OpenStage[];
  readonly state: 'open' | 'approved' | 'rejected' | 'expired' | 'cancelled' | 'superseded' | 'unanswerable';
  readonly reminders: number;
  readonly sinceOpenedMs: number;
  /** Until the deadline, by database time; zero or less: it has passed. */
  readonly remainingMs: number;
  readonly votes: readonly Vote[];
}

const OF_ROUND = `tenant = $1::text and action = $2::text
  and round = coalesce($3::integer, (select a.round from actions a where a.tenant = $1::text and a.action = $2::text))`;

const LOCK = `select request, digest, state from approval_requests where ${OF_ROUND} for update`;

// A statement of its own: its clock and its votes are of after the lock.
const READ = `
  select r.request, r.digest, r.chains, r.stages, r.state, r.reminders,
         ceil(extract(epoch from clock_timestamp() - r.opened_at) * 1000)::float8 as "sinceOpenedMs",
         ceil(extract(epoch from r.deadline - clock_timestamp()) * 1000)::float8 as "remainingMs",
         coalesce((select jsonb_agg(jsonb_build_object('person', v.person, 'accounts', array(select accounts_of(v.tenant, array[v.person])), 'stage', v.stage, 'choice', v.choice) order by v.cast_at)
                   from valid_votes v where v.tenant = r.tenant and v.request = r.request), '[]') as votes
  from approval_requests r where ${OF_ROUND}`;

/** What there is to know of a request for whoever only ends it: who may still vote for what is dear to reckon. */
export type LockedRequest = Pick<ApprovalRecord, 'request' | 'digest' | 'state'>;

/** @param round of the action; without one, that in which it is */
export async function lockRequest(
  client: PoolClient,
  tenant: string,
  actionId: string,
  round: number | null = null,
): Promise<LockedRequest | undefined> {
  return (await client.query<LockedRequest>(LOCK, [tenant, actionId, round])).rows[0];
}

/** @param round of the action; without one, that in which it is */
export async function lockApproval(
  client: PoolClient,
  tenant: string,
  actionId: string,
  round: number | null = null,
): Promise<ApprovalRecord | undefined> {
  const [, { rows }] = await Promise.all([
    lockRequest(client, tenant, actionId, round),
    client.query<ApprovalRecord>(READ, [tenant, actionId, round]),
  ]);
  return rows[0];
}
