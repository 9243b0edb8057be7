import { type PoolClient } from 'pg';

export interface NewAgentKey {
  readonly agent: string;
  readonly keyHash: Buffer;
  readonly issuedBy: string;
  readonly days: number;
}

/** A key is named by the first half of its hash's first 16 bytes: enough to tell them apart, of no use for guessing. */
const KEY_ID = `left(encode(key_hash, 'hex'), 16)`;

/**
 * Gives the agent one more key, for the generation that it is in, with its entry in the ledger. For whoever owns the database; inside one
 * transaction of that tenant. Whoever issues a key stands behind the agent, and does not decide on what it asks.
 *
 * @returns the id of the key; `undefined` if there is no such active agent, or no such person
 */
export async function issueAgentKey(
  client: PoolClient,
  tenant: string,
  { agent, keyHash, issuedBy, days }: NewAgentKey,
): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `insert into agent_keys (tenant, key_hash, agent, generation, issued_by, expires_at)
     select a.tenant, $3::bytea, a.agent, a.generation, p.person, clock_timestamp() + $5::int * interval '1 day'
     from agents a join people p on p.tenant = a.tenant and p.person = $4::text and p.state = 'active'
     where a.tenant = $1::text and a.agent = $2::text and a.state = 'active'
     returning ${KEY_ID} as id`,
    [tenant, agent, keyHash, issuedBy, days],
  );
  const id = rows[0]?.id;
  if (id !== undefined)
    await client.query('select ledger_write($1::text, array[$2::text], array[canonical_object($3::jsonb)], null)', [
      tenant,
      ledgerKeyOf(id, 'issued'),
      { event: 'agent_key.issued', key: id, agent, by: issuedBy },
    ]);
  return id;
}

/** Ends a key at once, whether or not the ledger can be told now: what it is owed, it gets later. False: there is none of that id that is good. */
export async function revokeAgentKey(client: PoolClient, tenant: string, id: string, by: string): Promise<boolean> {
  const { rows } = await client.query<{ agent: string }>(
    `update agent_keys set revoked_at = clock_timestamp()
     where tenant = $1::text and ${KEY_ID} = $2::text and revoked_at is null returning agent`,
    [tenant, id],
  );
  const agent = rows[0]?.agent;
  if (agent !== undefined)
    await client.query(`select write_or_owe($1::text, $2::text, $3::jsonb, null)`, [
      tenant,
      ledgerKeyOf(id, 'revoked'),
      { event: 'agent_key.revoked', key: id, agent, by },
    ]);
  return agent !== undefined;
}

/** Under `people/`, which no process may write by itself. */
function ledgerKeyOf(id: string, what: 'issued' | 'revoked'): string {
  return `people/agent-key/${id}/${what}`;
}
