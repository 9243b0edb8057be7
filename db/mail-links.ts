import { type Pool } from 'pg';
import { type MailLink } from '../domain/mail-link';
import { withTenant } from './with-tenant';

/** The mails that one person may get about one request: being asked, three reminders, and two that are sent again because no answer came. */
const MAX_LINKS = 6;

/** Writes links, and takes them back, in transactions of their own: a link is there before its mail is. */
export function mailLinksOf(pool: Pool): {
  add(link: MailLink): Promise<boolean>;
  readonly withdraw: (tenant: string, tokenHash: Buffer) => Promise<void>;
} {
  return {
    add: async ({ tenant, tokenHash, request, person, digest, expiresAt }) =>
      await withTenant(pool, tenant, async (client) => {
        const { rowCount } = await client.query(
          `insert into mail_links (tenant, token_hash, request, person, digest, expires_at)
           select $1::text, $2::bytea, $3::text, $4::text, $5::text, $6::timestamptz
           where (select count(*) from mail_links where (tenant, request, person) = ($1::text, $3::text, $4::text)) < $7::integer`,
          [tenant, tokenHash, request, person, digest, expiresAt, MAX_LINKS],
        );
        return rowCount === 1;
      }),
    withdraw: async (tenant, tokenHash) =>
      await withTenant(pool, tenant, async (client) => {
        await client.query('delete from mail_links where tenant = $1::text and token_hash = $2::bytea', [
          tenant,
          tokenHash,
        ]);
      }),
  };
}
