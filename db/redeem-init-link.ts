import { type Pool } from 'pg';
import { withTenant } from './with-tenant';
import { onlyRow } from './only-row';

export type Redeemed =
  | { readonly kind: 'done'; readonly tenant: string; readonly person: string }
  | { readonly kind: 'refused'; readonly code: 'not_found' | 'init_closed' | 'init_link_spent' | 'person_exists' };

/** Makes the first admin. The database function checks that there is none, that the link is fresh, and tells the ledger; also of a refusal. */
export async function redeemInitLink(pool: Pool, secretHash: Buffer, tokenHash: Buffer): Promise<Redeemed> {
  const found = await pool.query<{ tenant: string | null }>('select find_init_link($1::bytea) as tenant', [secretHash]);
  const tenant = found.rows[0]?.tenant ?? undefined;
  if (tenant === undefined) return { kind: 'refused', code: 'not_found' };
  return await withTenant(pool, tenant, async (client) => {
    const { rows } = await client.query<{ result: { done: string } | { refused: Refusal } }>(
      'select redeem_init_link($1::text, $2::bytea, $3::bytea) as result',
      [tenant, secretHash, tokenHash],
    );
    const { result } = onlyRow(rows);
    if ('refused' in result) return { kind: 'refused', code: result.refused };
    return { kind: 'done', tenant, person: result.done };
  });
}

type Refusal = Extract<Redeemed, { kind: 'refused' }>['code'];
