import { type PoolClient } from 'pg';
import { type Json, type JsonObject } from '../domain/json';

export interface ListedApproval {
  readonly id: string;
  readonly action: string;
  readonly digest: string;
  readonly deadline: Date;
  readonly agent: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly risk: string;
  readonly params: JsonObject;
  readonly facts: Readonly<Record<string, Json>>;
}

interface Wanted {
  /** Only those that this person may still decide on. */
  readonly person?: string;
  /** Only those of these. */
  readonly environments?: readonly string[] | undefined;
  readonly before?: string;
  readonly limit: number;
}

/** Open requests, newest first. */
export async function listApprovalsFor(
  client: PoolClient,
  tenant: string,
  { person, environments, before, limit }: Wanted,
): Promise<ListedApproval[]> {
  const { rows } = await client.query<ListedApproval>(
    `select r.request as id, r.action, r.digest, r.deadline, a.agent, a.type, a.type_version as "typeVersion", a.risk, a.params, w.facts
     from approval_requests r
     join actions a using (tenant, action)
     join action_rounds w on (w.tenant, w.action, w.round) = (r.tenant, r.action, r.round)
     where r.tenant = $1::text and r.state = 'open' and r.deadline > clock_timestamp()
       and ($3::text is null or r.request < $3::text)
       and ($5::text[] is null or a.environment = any ($5::text[]))
       and ($2::text is null or (
         $2::text not in (select conflicted_people(r.tenant, r.action))
         and has_role(r.tenant, $2::text, 'approver', a.environment)
         and exists (select from jsonb_array_elements(r.stages) s where stage_entitles(r.tenant, s.value, r.opened_at, $2::text, clock_timestamp()))
         and not exists (select from votes v where v.tenant = r.tenant and v.request = r.request 
                          and v.person in (select accounts_of(r.tenant, array[$2::text])))))
     order by r.request desc limit $4::integer`,
    [tenant, person ?? null, before ?? null, limit, environments ?? null],
  );
  return rows;
}
