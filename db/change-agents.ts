import { type PoolClient } from 'pg';
import { type AgentEvent } from '../domain/agent-life';
import { type JsonObject } from '../domain/json';
import { onlyRow } from './only-row';

/** What an agent is made of, under a name that never means anything else. */
export interface AgentVersion {
  readonly version: string;
  /** Of the content, as evidence. */
  readonly digest: string;
  readonly content: JsonObject;
}

export interface NewAgent extends AgentVersion {
  readonly agent: string;
  readonly owner: string;
  readonly team: string;
  readonly environment: string;
  readonly purpose: string;
  readonly riskTier: 'low' | 'medium' | 'high' | 'critical';
  readonly roles: readonly string[];
  readonly dataScopes: readonly string[];
  /** The agent that it comes from, and with which all that it may do ends. */
  readonly parent?: string | undefined;
}

/** Somebody's wish, with their reason. The database functions below check that they may. */
export interface Asked {
  readonly actor: string;
  readonly reason: string;
}

/** Events that a person brings about alone. */
export type AgentMove = Exclude<AgentEvent, 'approve' | 'reject' | 'finish'>;

export type RegisterResult =
  | { readonly generation: number; readonly proposal: string }
  | {
      readonly refused:
        'forbidden' | 'reason_required' | 'owner_not_active' | 'agent_exists' | 'parent_not_active' | 'line_too_long';
    };

/** A new agent, or a new generation of one that was offboarded. It acts once another person has confirmed the proposal. */
export async function registerAgent(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  agent: NewAgent,
): Promise<RegisterResult> {
  return await answer(client, 'select register_agent($1::text, $2::text, $3::jsonb, $4::text) as result', [
    tenant,
    actor,
    JSON.stringify(agent),
    reason,
  ]);
}

export type VersionResult =
  'done' | 'unchanged' | 'not_found' | 'forbidden' | 'reason_required' | 'agent_state_forbids' | 'version_taken';

/** Another version, in force at once for what is asked from now on; or an earlier one again. */
export async function registerVersion(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  agent: string,
  version: AgentVersion,
): Promise<VersionResult> {
  return await answer(client, 'select register_version($1::text, $2::text, $3::text, $4::jsonb, $5::text) as result', [
    tenant,
    actor,
    agent,
    JSON.stringify(version),
    reason,
  ]);
}

export type MoveResult =
  | { readonly moved: 'done' | 'unchanged' }
  /** It takes two people; this is what the second one confirms. */
  | { readonly proposal: string }
  | { readonly refused: 'not_found' | 'forbidden' | 'reason_required' | 'agent_state_forbids' | 'proposed_already' };

/** Nothing of the agent begins once a stopping move is committed. */
export async function moveAgent(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  agent: string,
  move: AgentMove,
): Promise<MoveResult> {
  return await answer(client, 'select move_agent($1::text, $2::text, $3::text, $4::text, $5::text) as result', [
    tenant,
    actor,
    agent,
    move,
    reason,
  ]);
}

/** The same for a quarantined agent whose owner left: the proposal names who answers for it from then on. */
export async function proposeResumeUnder(
  client: PoolClient,
  tenant: string,
  { actor, reason }: Asked,
  agent: string,
  owner: string,
): Promise<MoveResult> {
  return await answer(
    client,
    'select propose_resume_under($1::text, $2::text, $3::text, $4::text, $5::text) as result',
    [tenant, actor, agent, owner, reason],
  );
}

async function answer<T>(client: PoolClient, sql: string, values: readonly unknown[]): Promise<T> {
  const { rows } = await client.query<{ result: T }>(sql, [...values]);
  return onlyRow(rows).result;
}
