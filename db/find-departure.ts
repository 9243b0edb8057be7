import { type PoolClient } from 'pg';

/** What became of what hung on a person, as far as it is known by now. */
export interface Departure {
  readonly person: string;
  /** Null: to nobody, so the agents stop. */
  readonly agentsTo: string | null;
  readonly leftAt: Date;
  readonly finishedAt: Date | null;
  readonly became: readonly Became[];
}

export interface Became {
  readonly kind: 'agent' | 'keys' | 'approval' | 'group' | 'team';
  readonly outcome: string;
  readonly count: number;
  /** The first of them, by id. */
  readonly subjects: readonly string[];
}

// As many names as somebody reads; the number is of all.
const QUERY = `
  select d.person, d.agents_to as "agentsTo", d.left_at as "leftAt", d.finished_at as "finishedAt",
    coalesce((select jsonb_agg(to_jsonb(b) order by b.kind, b.outcome) from (
      select o.kind, o.outcome, count(*)::integer as count, (array_agg(o.subject order by o.subject))[1:20] as subjects
      from departure_outcomes o where (o.tenant, o.person) = (d.tenant, d.person) group by o.kind, o.outcome) b), '[]') as became
  from departures d where d.tenant = $1::text and d.person = $2::text`;

/** How the departure of a person stands; nothing where they have not left. */
export async function findDeparture(
  client: PoolClient,
  tenant: string,
  person: string,
): Promise<Departure | undefined> {
  const { rows } = await client.query<Departure>(QUERY, [tenant, person]);
  return rows[0];
}
