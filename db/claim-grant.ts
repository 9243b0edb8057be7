import { type PoolClient } from 'pg';

/** The agent that calls, as its key says. */
export interface Borrower {
  readonly agent: string;
  readonly generation: number;
}

export type ClaimAnswer =
  'claimed' | 'not_found' | 'grant_over' | 'claim_superseded' | 'claims_exhausted' | 'votes_void';

/** Asks for the credential of a grant, for a key of the agent's. The same key again is the same claim. */
export async function claimGrant(
  client: PoolClient,
  tenant: string,
  grantId: string,
  { agent, generation }: Borrower,
  publicKey: string,
): Promise<ClaimAnswer> {
  const { rows } = await client.query<{ answer: ClaimAnswer }>(
    'select claim_grant($1::text, $2::text, $3::text, $4::integer, $5::text) as answer',
    [tenant, grantId, agent, generation, publicKey],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('claim_grant gave no row');
  return row.answer;
}

/** The credential that was made for a key, sealed; null while there is none. `over`: there will be none. */
export async function findSealed(
  client: PoolClient,
  tenant: string,
  grantId: string,
  publicKey: string,
): Promise<{ readonly jwe: string | null; readonly over: boolean }> {
  const { rows } = await client.query<{ jwe: string | null; over: boolean }>(
    `select jwe, access_ended(tenant, grant_id) is not null as over from grant_claims
     where tenant = $1::text and grant_id = $2::text and public_key = $3::text`,
    [tenant, grantId, publicKey],
  );
  return rows[0] ?? { jwe: null, over: true };
}
