import { type PoolClient } from 'pg';

/** A message to the workflow of an action. */
export interface ActionMessage {
  readonly tenant: string;
  readonly id: string;
  readonly kind: 'wake';
  readonly action: string;
  readonly agent: string;
  readonly team: string;
  readonly type: string;
  readonly risk: string;
}

/** A message to the workflow of an agent's generation. */
export interface AgentMessage {
  readonly tenant: string;
  readonly id: string;
  readonly kind: 'agent';
  readonly agent: string;
  readonly generation: number;
  readonly team: string;
}

/** A message to the workflow of a departure. */
export interface DepartureMessage {
  readonly tenant: string;
  readonly id: string;
  readonly kind: 'departure';
  readonly departure: string;
}

export type OutboxRow = ActionMessage | AgentMessage | DepartureMessage;

const TAKE = `
  with due as (
    select tenant, id, action, agent from outbox where done_at is null and due_at <= clock_timestamp()
    order by due_at limit $1::integer for update skip locked
  )
  update outbox o set due_at = clock_timestamp() + interval '30 seconds'
  from due
  left join actions a on (a.tenant, a.action) = (due.tenant, due.action)
  left join agents g on (g.tenant, g.agent) = (due.tenant, due.agent)
  where (o.tenant, o.id) = (due.tenant, due.id)
  returning o.tenant, o.id, o.kind, o.action, coalesce(a.agent, g.agent) as agent, o.generation, o.departure, coalesce(a.team, g.team) as team, a.type, a.risk`;

/** Messages whose time has come, of every tenant. Taking them puts off their next turn, so that two loops never send the same at once. */
export async function takeDueOutbox(client: PoolClient, limit: number): Promise<readonly OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>(TAKE, [limit]);
  return rows;
}

export async function finishOutbox(client: PoolClient, row: Pick<OutboxRow, 'tenant' | 'id'>): Promise<void> {
  await client.query(
    'update outbox set done_at = clock_timestamp(), attempts = attempts + 1 where tenant = $1::text and id = $2::bigint',
    [row.tenant, row.id],
  );
}

/** Later each time, at most a minute later: Temporal may be away for long, and is asked again for ever. */
export async function postponeOutbox(
  client: PoolClient,
  row: Pick<OutboxRow, 'tenant' | 'id'>,
  code: string,
): Promise<void> {
  await client.query(
    `update outbox set attempts = attempts + 1, last_code = $3::text,
       due_at = clock_timestamp() + least(interval '1 minute', interval '500 milliseconds' * power(2, least(attempts, 10)))
     where tenant = $1::text and id = $2::bigint`,
    [row.tenant, row.id, code],
  );
}
