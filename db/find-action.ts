import { type PoolClient } from 'pg';
import { type ActionOutcome, type ActionState } from '../domain/action';
import { type JsonObject } from '../domain/json';

/** An action as its row has it. */
export interface StoredAction {
  readonly id: string;
  readonly agent: string;
  readonly agentGeneration: number;
  readonly agentVersion: string;
  readonly team: string;
  readonly environment: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly risk: string;
  readonly lane: string;
  readonly params: JsonObject;
  readonly because: string | null;
  readonly context: JsonObject | null;
  readonly onBehalfOf: string | null;
  readonly round: number;
  readonly state: ActionState;
  readonly waitingOn: readonly string[];
  readonly cancelRequestedAt: Date | null;
  readonly outcome: ActionOutcome | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

export const ACTION_COLUMNS = `action as id, agent, agent_generation as "agentGeneration", agent_version as "agentVersion", team, environment,
  type, type_version as "typeVersion", risk, lane, params, because, context, on_behalf_of as "onBehalfOf", round, state, waiting_on as "waitingOn",
  cancel_requested_at as "cancelRequestedAt", outcome, created_at as "createdAt", settled_at as "settledAt"`;

/** The action that a request for approval is about. */
export async function findActionOfRequest(
  client: PoolClient,
  tenant: string,
  request: string,
): Promise<StoredAction | undefined> {
  const { rows } = await client.query<StoredAction>(
    `select ${ACTION_COLUMNS} from actions
     where tenant = $1::text and action = (select q.action from approval_requests q where q.tenant = $1::text and q.request = $2::text)`,
    [tenant, request],
  );
  return rows[0];
}

export async function findAction(
  client: PoolClient,
  tenant: string,
  action: string,
): Promise<StoredAction | undefined> {
  const { rows } = await client.query<StoredAction>(
    `select ${ACTION_COLUMNS} from actions where tenant = $1::text and action = $2::text`,
    [tenant, action],
  );
  return rows[0];
}
