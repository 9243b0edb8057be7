import { type PoolClient } from 'pg';

export interface FirstAdmin {
  readonly person: string;
  readonly name: string;
  readonly address: string;
  readonly secretHash: Buffer;
}

/**
 * Makes the tenant, if there is none of that name, and a link by which its first admin can come in. False: there is an admin already. For whoever
 * owns the database; inside one transaction of that tenant.
 */
export async function offerInitLink(
  client: PoolClient,
  tenant: string,
  { person, name, address, secretHash }: FirstAdmin,
): Promise<boolean> {
  await client.query('insert into tenants (tenant, name) values ($1::text, $1::text) on conflict do nothing', [tenant]);
  const { rowCount } = await client.query(
    `insert into init_links (tenant, secret_hash, person, name, address)
     select $1::text, $2::bytea, $3::text, $4::text, $5::text
     where not exists (select from people where tenant = $1::text and state = 'active' and 'admin' = any (roles))`,
    [tenant, secretHash, person, name, address],
  );
  if (rowCount === 0) return false;
  await client.query(
    `select ledger_write($1::text, array['init/' || $2::text || '/offered'],
       array[canonical_object(jsonb_build_object('event', 'init.offered', 'link', $2::text, 'person', $3::text))],
       array[canonical_object(jsonb_build_object('name', $4::text, 'address', $5::text))])`,
    [tenant, secretHash.toString('hex').slice(0, 16), person, name, address],
  );
  return true;
}
