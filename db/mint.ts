import { type PoolClient } from 'pg';

export type MintBeginning =
  | {
      readonly begun: {
        readonly claim: number;
        readonly mint: number;
        /** The agent's X25519 key. */
        readonly key: string;
        readonly leftMs: number;
      };
    }
  | { readonly refused: 'nothing_to_mint' | 'grant_over' };

/** Whether a credential may be made for the last claim of a grant, and for which key. */
export async function beginMint(client: PoolClient, tenant: string, grantId: string): Promise<MintBeginning> {
  const { rows } = await client.query<{ beginning: MintBeginning }>(
    'select begin_mint($1::text, $2::text) as beginning',
    [tenant, grantId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('begin_mint gave no row');
  return row.beginning;
}

/** Hands a credential out. Null, or why it may not be: `superseded` by a later mint, or the grant is over. */
export async function recordMint(
  client: PoolClient,
  tenant: string,
  minted: {
    readonly grantId: string;
    readonly claim: number;
    readonly mint: number;
    readonly jwe: string;
  },
): Promise<'superseded' | 'grant_over' | null> {
  const { rows } = await client.query<{ refused: 'superseded' | 'grant_over' | null }>(
    'select record_mint($1::text, $2::text, $3::integer, $4::integer, $5::text) as refused',
    [tenant, minted.grantId, minted.claim, minted.mint, minted.jwe],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('record_mint gave no row');
  return row.refused;
}
