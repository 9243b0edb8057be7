import { type PoolClient } from 'pg';

/** Notes a signed request in the transaction of what it does. False: it took effect before, and must not again. */
export async function takeSlackDelivery(client: PoolClient, tenant: string, delivery: Buffer): Promise<boolean> {
  const { rowCount } = await client.query(
    'insert into slack_deliveries (tenant, delivery) values ($1::text, $2::bytea) on conflict do nothing',
    [tenant, delivery],
  );
  return rowCount === 1;
}
