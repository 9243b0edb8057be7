import { type PoolClient } from 'pg';
import { onlyRow } from './only-row';

/** Who asks, and of which agent. */
export interface AgentOf {
  readonly tenant: string;
  readonly actor: string;
  readonly agent: string;
}

export type Managed = 'done' | 'not_found' | 'forbidden' | 'reason_required' | 'agent_state_forbids';

/** Whoever operates an agent, or owns it, lets it register a key by a secret whose hash this is. Inside one transaction of that tenant. */
export async function issueAgentEnrolment(
  client: PoolClient,
  { tenant, actor, agent }: AgentOf,
  secretHash: Buffer,
  lifeHours: number,
): Promise<Managed> {
  return await ask(
    client,
    `select issue_agent_enrolment($1::text, $2::text, $3::text, $4::bytea, $5::integer * interval '1 hour') as result`,
    [tenant, actor, agent, secretHash, lifeHours],
  );
}

/** Those that were ended, the oldest first. */
export type Revoked =
  { readonly ended: readonly string[] } | { readonly refused: Exclude<Managed, 'done' | 'agent_state_forbids'> };

/** Ends one credential at once with all that were registered under it by rotation, or all of the agent where none is named. */
export async function revokeAgentCredential(
  client: PoolClient,
  { tenant, actor, agent }: AgentOf,
  kid: string | undefined,
  reason: string,
): Promise<Revoked> {
  return await ask(
    client,
    'select revoke_agent_credential($1::text, $2::text, $3::text, $4::text, $5::text) as result',
    [tenant, actor, agent, kid ?? null, reason],
  );
}

/** The agent hears of it with its next token, and registers another key. */
export async function requireRotation(
  client: PoolClient,
  { tenant, actor, agent }: AgentOf,
  reason: string,
): Promise<Managed> {
  return await ask(client, 'select require_rotation($1::text, $2::text, $3::text, $4::text) as result', [
    ...[tenant, actor, agent, reason],
  ]);
}

async function ask<Result = Managed>(
  client: PoolClient,
  statement: string,
  values: readonly unknown[],
): Promise<Result> {
  const { rows } = await client.query<{ result: Result }>(statement, [...values]);
  return onlyRow(rows).result;
}
