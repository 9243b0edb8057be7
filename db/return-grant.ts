import { type PoolClient } from 'pg';
import { type Borrower } from './claim-grant';

export type ReturnAnswer = 'returned' | 'not_found' | 'grant_over' | 'grant_unclaimed';

/** Writes down that an agent gives its access back, and what it says came of it, as canonical JSON. Saying the same again changes nothing. */
export async function returnGrant(
  client: PoolClient,
  tenant: string,
  grantId: string,
  { agent, generation }: Borrower,
  { as, report }: { readonly as: 'done' | 'failed'; readonly report: string | null },
): Promise<ReturnAnswer> {
  const { rows } = await client.query<{ answer: ReturnAnswer }>(
    'select return_grant($1::text, $2::text, $3::text, $4::integer, $5::text, $6::text) as answer',
    [tenant, grantId, agent, generation, as, report],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('return_grant gave no row');
  return row.answer;
}
