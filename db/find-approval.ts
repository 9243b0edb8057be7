import { type PoolClient } from 'pg';
import { type OpenStage } from '../domain/approval';
import { type Finding } from '../domain/decision';
import { type Json } from '../domain/json';

export interface StoredApproval {
  readonly id: string;
  readonly action: string;
  readonly round: number;
  readonly digest: string;
  readonly chains: readonly string[];
  readonly stages: readonly OpenStage[];
  readonly state: string;
  readonly openedAt: Date;
  readonly deadline: Date;
  readonly validForMs: number;
  readonly closedAt: Date | null;
  readonly facts: Readonly<Record<string, Json>>;
  /** Facts of the round before this one; null in the first. */
  readonly factsBefore: Readonly<Record<string, Json>> | null;
  readonly salt: string;
  readonly findings: readonly Finding[] | null;
  readonly conflicted: readonly string[];
}

/** A request for approval, with what it rests on. */
export async function findApproval(
  client: PoolClient,
  tenant: string,
  request: string,
): Promise<StoredApproval | undefined> {
  const { rows } = await client.query<StoredApproval>(
    `select r.request as id, r.action, r.round, r.digest, r.chains, r.stages, r.state, r.opened_at as "openedAt", r.deadline,
       r.valid_for_ms::double precision as "validForMs", r.closed_at as "closedAt", w.facts,
       (select b.facts from action_rounds b where (b.tenant, b.action, b.round) = (r.tenant, r.action, r.round - 1)) as "factsBefore",
       a.salt, d.findings, array(select distinct p from conflicted_people(r.tenant, r.action) p order by p) as conflicted
     from approval_requests r
     join actions a using (tenant, action)
     join action_rounds w on (w.tenant, w.action, w.round) = (r.tenant, r.action, r.round)
     left join decisions d on (d.tenant, d.action, d.round, d.stage) = (r.tenant, r.action, r.round, 'initial')
     where r.tenant = $1::text and r.request = $2::text`,
    [tenant, request],
  );
  return rows[0];
}
