import { type PoolClient } from 'pg';
import { type JsonObject } from '../domain/json';
import { type Asked } from './change-agents';
import { onlyRow } from './only-row';

export interface Proposal {
  readonly id: string;
  readonly verb: 'onboard' | 'resume' | 'lift';
  /** An agent and its generation, or the scope of a stop. */
  readonly subject: string;
  /** All that is proposed; whoever confirms says by the digest that they saw it. */
  readonly what: JsonObject;
  readonly digest: string;
  readonly proposedBy: string;
  readonly proposedAt: string;
  readonly expiresAt: string;
  readonly state: 'open' | 'confirmed' | 'rejected' | 'expired';
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
}

const PROPOSALS = `
  select proposal as id, verb, subject, what, digest, proposed_by as "proposedBy", proposed_at as "proposedAt", expires_at as "expiresAt",
    case when state = 'open' and expires_at <= clock_timestamp() then 'expired' else state end as state,
    decided_by as "decidedBy", decided_at as "decidedAt"
  from proposals`;

/** What waits for a second person, the oldest first; `after`: the last id of the page before. */
export async function listOpenProposals(
  client: PoolClient,
  tenant: string,
  { after, limit }: { readonly after?: string; readonly limit: number },
): Promise<Proposal[]> {
  const { rows } = await client.query<ProposalRow>(
    `${PROPOSALS} where tenant = $1::text and state = 'open' and expires_at > clock_timestamp()
       and ($2::text is null or (proposed_at, proposal) > (select l.proposed_at, l.proposal from proposals l where l.tenant = $1::text and l.proposal = $2::text))
     order by proposed_at, proposal limit $3::integer`,
    [tenant, after ?? null, limit],
  );
  return rows.map(read);
}

export async function findProposal(client: PoolClient, tenant: string, id: string): Promise<Proposal | undefined> {
  const { rows } = await client.query<ProposalRow>(`${PROPOSALS} where tenant = $1::text and proposal = $2::text`, [
    tenant,
    id,
  ]);
  return rows.map(read)[0];
}

export interface ProposalDecision extends Asked {
  readonly proposal: string;
  readonly choice: 'confirm' | 'reject';
  /** Of what they saw. */
  readonly digest: string;
}

export type DecideResult =
  | 'done'
  | 'not_found'
  | 'forbidden'
  | 'self_approval'
  | 'proposal_closed'
  | 'digest_mismatch'
  | 'reason_required'
  | 'owner_not_active';

/** The second person's word. Not the proposer's, not that of whoever stands behind the agent. */
export async function decideProposal(
  client: PoolClient,
  tenant: string,
  { actor, proposal, choice, digest, reason }: ProposalDecision,
): Promise<DecideResult> {
  const { rows } = await client.query<{ result: DecideResult }>(
    'select decide_proposal($1::text, $2::text, $3::text, $4::text, $5::text, $6::text) as result',
    [tenant, actor, proposal, choice, digest, reason],
  );
  return onlyRow(rows).result;
}

type Times = 'proposedAt' | 'expiresAt' | 'decidedAt';
type ProposalRow = Omit<Proposal, Times> & {
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt: Date | null;
};

function read(row: ProposalRow): Proposal {
  return {
    ...row,
    proposedAt: row.proposedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
  };
}
