import { type PoolClient } from 'pg';
import { type OutboxRow } from './take-due-outbox';

const QUERY = `
  select from outbox o where o.tenant = $1::text and o.id = $2::bigint and (
    exists (select from actions a where (a.tenant, a.action) = (o.tenant, o.action) and a.settled_at is null)
    or exists (
      select from agents g where (g.tenant, g.agent, g.generation) = (o.tenant, o.agent, o.generation) and g.state <> 'offboarded')
    or exists (select from departures d where (d.tenant, d.departure) = (o.tenant, o.departure) and d.finished_at is null))`;

/** Whether that which a message is about has yet to come to its end: an action, a generation of an agent, a departure. */
export async function isUnfinished(client: PoolClient, row: Pick<OutboxRow, 'tenant' | 'id'>): Promise<boolean> {
  const { rowCount } = await client.query(QUERY, [row.tenant, row.id]);
  return rowCount === 1;
}
