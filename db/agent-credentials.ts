import { type Pool, type PoolClient } from 'pg';
import { withTenant } from './with-tenant';
import { onlyRow } from './only-row';

export interface AgentCredential {
  readonly tenant: string;
  readonly agent: string;
  readonly generation: number;
  /** Thumbprint of the key (RFC 7638). */
  readonly kid: string;
  readonly registeredAt: string;
  readonly notAfter: string;
  /** Somebody wants the agent to register another key. */
  readonly rotate: boolean;
}

/** As a token is given for it. */
export interface RedeemedCredential extends AgentCredential {
  /** Grows with each stop of the agent. */
  readonly epoch: number;
}

export interface NewAgentKey {
  readonly kid: string;
  readonly x: string;
}

type Refusal =
  | 'not_found'
  | 'unauthenticated'
  | 'agent_not_active'
  | 'enrolment_closed'
  | 'key_taken'
  | 'key_replaced'
  | 'config_drift';
export type Credentialed<Done = AgentCredential> = { readonly done: Done } | { readonly refused: Refusal };

/** Registers the first key, by a secret that works once. */
export async function enrolAgent(pool: Pool, secretHash: Buffer, { kid, x }: NewAgentKey): Promise<Credentialed> {
  const found = await pool.query<{ tenant: string | null }>('select find_agent_enrolment($1::bytea) as tenant', [
    secretHash,
  ]);
  const tenant = found.rows[0]?.tenant ?? undefined;
  if (tenant === undefined) return { refused: 'not_found' };
  return await ask(pool, tenant, 'select enrol_agent($1::text, $2::bytea, $3::text, $4::text) as result', [
    ...[secretHash, kid, x],
  ]);
}

/** Registers the next key, by the one before it. */
export async function rotateAgentCredential(
  pool: Pool,
  { tenant, agent, kid }: Pick<AgentCredential, 'tenant' | 'agent' | 'kid'>,
  next: NewAgentKey,
): Promise<Credentialed> {
  const statement = 'select rotate_agent_credential($1::text, $2::text, $3::text, $4::text, $5::text) as result';
  return await ask(pool, tenant, statement, [agent, kid, next.kid, next.x]);
}

export interface CheckedAssertion {
  readonly tenant: string;
  readonly kid: string;
  readonly jti: string;
  readonly expiresAt: Date;
  /** Digest of what the agent runs, as it says. */
  readonly configDigest: string | undefined;
}

/** Once for each assertion; its signature was checked. Quarantines an agent that runs what nobody registered. */
export async function redeemAssertion(
  pool: Pool,
  { tenant, kid, jti, expiresAt, configDigest }: CheckedAssertion,
): Promise<Credentialed<RedeemedCredential>> {
  const statement = 'select redeem_assertion($1::text, $2::text, $3::text, $4::timestamptz, $5::text) as result';
  return await ask(pool, tenant, statement, [kid, jti, expiresAt, configDigest ?? null]);
}

async function ask<Done>(
  pool: Pool,
  tenant: string,
  statement: string,
  values: readonly unknown[],
): Promise<Credentialed<Done>> {
  return await withTenant(pool, tenant, async (client: PoolClient) => {
    const { rows } = await client.query<{ result: Credentialed<Done> }>(statement, [tenant, ...values]);
    return onlyRow(rows).result;
  });
}
