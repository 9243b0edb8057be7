import { type PoolClient } from 'pg';

export interface StoredAsking {
  readonly request: string;
  readonly round: number;
  readonly state: string;
  readonly deadline: Date;
  /** Every place in which people were to be asked or told. `intended`: nobody knows that it arrived. */
  readonly places: readonly { readonly channel: string; readonly place: string; readonly state: string }[];
  /** Why the last try to tell people failed; null where it did not. */
  readonly notToldFor: string | null;
}

/** Every time that people were asked about an action, and whether that reached anybody. */
export async function listAsked(client: PoolClient, tenant: string, action: string): Promise<StoredAsking[]> {
  const { rows } = await client.query<StoredAsking>(
    `select r.request, r.round, r.state, r.deadline, n.last_code as "notToldFor",
       coalesce((select jsonb_agg(jsonb_build_object('channel', channel, 'place', place, 'state', s.state) order by surface)
                 from surfaces s where s.tenant = r.tenant and s.request = r.request), '[]') as places
     from approval_requests r left join notices n using (tenant, request)
     where r.tenant = $1::text and r.action = $2::text order by r.round`,
    [tenant, action],
  );
  return rows;
}
