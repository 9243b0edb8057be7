import { Client } from 'pg';

/** Stops a scope or lets it go on, past whoever may: as the superuser, in one statement. */
export async function moveFence(
  superuser: Pick<Client, 'query'>,
  tenant: string,
  scope: string,
  closed: boolean,
): Promise<void> {
  await superuser.query(
    `with me as materialized (select set_config('app.tenant', $1::text, true))
     select move_fence($1::text, $2::text, $3::boolean, 'drill', 'bob') from me`,
    [tenant, scope, closed],
  );
}

/** The same, where a test has no connection of that kind. */
export async function moveFenceAt(superuserUrl: string, scope: string, closed: boolean): Promise<void> {
  const superuser = new Client({ connectionString: superuserUrl });
  await superuser.connect();
  try {
    await moveFence(superuser, 'demo', scope, closed);
  } finally {
    await superuser.end();
  }
}
