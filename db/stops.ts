import { type PoolClient } from 'pg';
import { type Asked } from './change-agents';
import { onlyRow } from './only-row';

export interface Stop {
  readonly scope: string;
  readonly epoch: number;
  readonly actor: string;
  readonly reason: string;
  readonly since: string;
  /** How many agents and open actions are in it. */
  readonly agents: number;
  readonly openActions: number;
  /** What had begun and has not ended; a hundred at most. */
  readonly begun: readonly {
    readonly action: string;
    readonly step: string;
    readonly kind: 'do' | 'undo';
    readonly state: 'begun' | 'unknown';
  }[];
}

export type StopResult =
  { readonly epoch: number } | { readonly refused: 'forbidden' | 'not_found' | 'reason_required' };

/** Nothing in the scope begins once this is committed. */
export async function stopScope(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  scope: string,
): Promise<StopResult> {
  const { rows } = await client.query<{ result: StopResult }>(
    'select stop_scope($1::text, $2::text, $3::text, $4::text) as result',
    [tenant, actor, scope, reason],
  );
  return onlyRow(rows).result;
}

export type LiftResult =
  | { readonly proposal: string }
  | { readonly refused: 'forbidden' | 'not_found' | 'reason_required' | 'proposed_already' };

/** Nothing is lifted by this: another person confirms it. */
export async function proposeLift(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  scope: string,
): Promise<LiftResult> {
  const { rows } = await client.query<{ result: LiftResult }>(
    'select propose_lift($1::text, $2::text, $3::text, $4::text) as result',
    [tenant, actor, scope, reason],
  );
  return onlyRow(rows).result;
}

/** What is stopped now, that which stops every tenant included. */
export async function listStops(client: PoolClient, tenant: string): Promise<Stop[]> {
  const { rows } = await client.query<Omit<Stop, 'since'> & { readonly since: Date }>(
    `select scope, epoch::integer, actor, reason, since, agents::integer, open_actions::integer as "openActions", begun
     from stops_of($1::text) order by since`,
    [tenant],
  );
  return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
}
