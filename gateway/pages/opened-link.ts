import { hash } from 'node:crypto';
import { type Context } from 'hono';
import { noticeOf } from '../../channels/notice-of';
import { findMailLink } from '../../db/find-mail-link';
import { listRecipients } from '../../db/list-recipients';
import { loadNotice } from '../../db/load-notice';
import { withTenant } from '../../db/with-tenant';
import { type Notice } from '../../domain/notice';
import { RequestRefused } from '../request-refused';
import { sourceOf } from '../source-of';
import { type MailDeps } from './mail-deps';

/** What a link leads to, as it is now. */
export interface OpenedLink {
  readonly token: string;
  readonly tokenHash: Buffer;
  readonly tenant: string;
  readonly person: string;
  /** Where the addressee gets mail now; null for whoever left. */
  readonly address: string | null;
  /** What the person was asked about; a vote is about this and nothing else. */
  readonly digest: string;
  readonly notice: Notice;
  /** Absent: nobody can decide by this link any more. */
  readonly over: string | undefined;
}

/** 256 bits as they are written in a link. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Changes nothing. Whoever guesses is a stranger, and counted. */
export async function openLink(deps: MailDeps, c: Context): Promise<OpenedLink> {
  const token = c.req.param('token') ?? '';
  const tokenHash = hash('sha256', token, 'buffer');
  const link = TOKEN.test(token) ? await findMailLink(deps.pool, tokenHash) : undefined;
  if (link === undefined) {
    deps.strangers.add('unknown_mail_link', sourceOf(c));
    throw new RequestRefused('not_found');
  }
  const { tenant, person, digest, request } = link;
  const [record, [recipient]] = await withTenant(deps.pool, tenant, async (client) => [
    await loadNotice(client, tenant, request),
    await listRecipients(client, tenant, [person], null),
  ]);
  if (record === undefined) throw new RequestRefused('not_found');
  const notice = noticeOf(record, deps.pdp.catalogue);
  const address = recipient?.mail ?? null;
  return { token, tokenHash, tenant, person, address, digest, notice, over: whyOver(notice, { ...link, address }) };
}

function whyOver(
  { state, stages }: Notice,
  { used, expired, person, address }: { used: boolean; expired: boolean; person: string; address: string | null },
): string | undefined {
  if (state === 'open' && used) return 'This link was used: your decision is recorded.';
  if (state === 'open' && expired) return 'The time to decide is over.';
  if (state !== 'open') return 'There is nothing to decide here any more.';
  if (address === null) return 'Whoever this was sent to gets no mail here any more.';
  if (!stages.some(({ waitingFor }) => waitingFor.includes(person))) return `This does not wait for ${person} now.`;
  return undefined;
}

/** Whether the stage that waits for this person wants to know why they approve. */
export function wantsReason({ notice, person }: Pick<OpenedLink, 'notice' | 'person'>): boolean {
  return notice.stages.some(({ waitingFor, reason }) => waitingFor.includes(person) && reason === 'required');
}
