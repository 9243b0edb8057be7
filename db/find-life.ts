import { type PoolClient } from 'pg';
import { type AgentState } from '../domain/agent-life';

export interface FoundLife {
  readonly state: AgentState;
  readonly owner: string;
  /** Until nobody may let it in any more, by database time; zero or less: over. */
  readonly lapsesInMs: number;
}

/** The agent, if that is its generation. */
export async function findLife(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<FoundLife | undefined> {
  const { rows } = await client.query<FoundLife>(
    `select a.state, a.owner, coalesce(ceil(extract(epoch from (
       select max(p.expires_at) from proposals p
       where p.tenant = a.tenant and p.verb = 'onboard' and p.subject = a.agent || '/' || a.generation and p.state = 'open') - clock_timestamp()) * 1000), 0)::float8 as "lapsesInMs"
     from agents a where a.tenant = $1::text and a.agent = $2::text and a.generation = $3::integer`,
    [tenant, agent, generation],
  );
  return rows[0];
}

/** Ends an onboarding that nobody confirmed in time. False: it is not one, or there is time yet. */
export async function lapseOnboarding(
  client: PoolClient,
  tenant: string,
  agent: string,
  generation: number,
): Promise<boolean> {
  const { rows } = await client.query<{ lapsed: boolean }>(
    'select lapse_onboarding($1::text, $2::text, $3::integer) as lapsed',
    [tenant, agent, generation],
  );
  return rows[0]?.lapsed === true;
}
