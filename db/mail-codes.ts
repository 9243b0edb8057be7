import { type PoolClient } from 'pg';

/*
 * The code that shows that whoever decides reads the addressee's mail. Of 10⁶ codes fifteen can be tried over one link: three codes, five tries each.
 * `code_attempts` counts over the whole life of the link and never falls: the code numbered n has the tries up to 5n. What earlier codes left is lost.
 */

const MAX_CODES = 3;
const MAX_TRIES = 5;

/** Replaces the code before it. False: the link is used, over, or has had all its codes. */
export async function issueMailCode(
  client: PoolClient,
  tenant: string,
  tokenHash: Buffer,
  codeHash: Buffer,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update mail_links set code_hash = $3::bytea, code_expires_at = clock_timestamp() + interval '10 minutes',
       code_attempts = greatest(code_attempts, codes_sent * $5::integer), codes_sent = codes_sent + 1
     where tenant = $1::text and token_hash = $2::bytea and used_at is null and expires_at > clock_timestamp()
       and codes_sent < $4::integer`,
    [tenant, tokenHash, codeHash, MAX_CODES, MAX_TRIES],
  );
  return rowCount === 1;
}

/** For a code whose mail is known not to have gone out; one that came after it stays. A code that was tried meanwhile is used up: its tries are. */
export async function withdrawMailCode(
  client: PoolClient,
  tenant: string,
  tokenHash: Buffer,
  codeHash: Buffer,
): Promise<void> {
  await client.query(
    `update mail_links set code_hash = null,
       codes_sent = codes_sent - case when code_attempts > (codes_sent - 1) * $4::integer then 0 else 1 end
     where tenant = $1::text and token_hash = $2::bytea and code_hash = $3::bytea`,
    [tenant, tokenHash, codeHash, MAX_TRIES],
  );
}

/** Counts a try before it says how it went. `none`: there is no code that could still be right. */
export async function tryMailCode(
  client: PoolClient,
  tenant: string,
  tokenHash: Buffer,
  codeHash: Buffer,
): Promise<'right' | 'wrong' | 'none'> {
  const { rows } = await client.query<{ right: boolean }>(
    `update mail_links set code_attempts = code_attempts + 1
     where tenant = $1::text and token_hash = $2::bytea and used_at is null and code_hash is not null
       and code_expires_at > clock_timestamp() and code_attempts < codes_sent * $4::integer
     returning code_hash = $3::bytea as right`,
    [tenant, tokenHash, codeHash, MAX_TRIES],
  );
  const [row] = rows;
  if (row === undefined) return 'none';
  return row.right ? 'right' : 'wrong';
}

/** For the transaction that records the vote. */
export async function useMailLink(client: PoolClient, tenant: string, tokenHash: Buffer): Promise<void> {
  await client.query(
    `update mail_links set used_at = clock_timestamp(), code_hash = null
     where tenant = $1::text and token_hash = $2::bytea and used_at is null`,
    [tenant, tokenHash],
  );
}
