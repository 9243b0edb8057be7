import { type Pool } from 'pg';

export interface StoredMailLink {
  readonly tenant: string;
  readonly request: string;
  readonly person: string;
  readonly digest: string;
  readonly expired: boolean;
  readonly used: boolean;
}

/** Whom a link was sent to and what about, found by the hash of its token: how long that takes tells nothing about any token. */
export async function findMailLink(pool: Pool, tokenHash: Buffer): Promise<StoredMailLink | undefined> {
  const { rows } = await pool.query<StoredMailLink>(
    'select tenant, request, person, digest, expired, used from find_mail_link($1::bytea)',
    [tokenHash],
  );
  return rows[0];
}
