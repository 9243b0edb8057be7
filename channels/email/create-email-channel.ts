import { hash, randomBytes } from 'node:crypto';
import { type Notice } from '../../domain/notice';
import { type Channel, type Recipient, type Shown, type Surfaces } from '../channel';
import { buildLetter } from './build-letter';
import { type DueMail, dueMail, surfaceOf } from './due-mail';
import { htmlOf, textOf } from './letter';
import { type MailLinks } from './mail-links';
import { type MailResult } from './mail-result';
import { type MailSender } from './mail-sender';

export interface EmailChannelDeps {
  readonly send: MailSender;
  readonly links: MailLinks;
  /** Where people reach the gateway; without a slash at the end. */
  readonly publicUrl: string;
  /** Our address; Message-IDs are of its host. */
  readonly from: string;
  readonly monotonicMs: () => number;
}

/** With the eleven seconds that one mail may take, and what Slack took before, no longer than whoever waits behind it in the same loop can bear. */
const BUDGET_MS = 15_000;

/**
 * Mails to whoever is to be told: when asked, when reminded, and when nothing is left to do. A mail is intended, sent, and then written down as shown; a
 * crash or a lost answer in between sends it once more, under the same Message-ID, by which mail programs know it again.
 */
export function createEmailChannel({ send, links, publicUrl, from, monotonicMs }: EmailChannelDeps): Channel {
  return { name: 'email', show };

  async function show(notice: Notice, surfaces: Surfaces, recipients: readonly Recipient[]): Promise<Shown> {
    const startedMs = monotonicMs();
    let shown: Shown = { kind: 'shown' };
    for (const recipient of recipients) {
      const due = dueMail(notice, surfaces.all, recipient.person);
      if (due === undefined) continue;
      if (monotonicMs() - startedMs > BUDGET_MS) return { kind: 'failed', code: 'mail_slow', retryAfterMs: 0 };
      const code = await bring(notice, surfaces, recipient, due);
      if (code !== undefined) shown = { kind: 'failed', code };
    }
    return shown;
  }

  /** The code of what failed and is worth another try. */
  async function bring(
    notice: Notice,
    surfaces: Surfaces,
    { person, address }: Recipient,
    due: DueMail,
  ): Promise<string | undefined> {
    const surface = surfaceOf(person, due);
    await surfaces.intend(surface, 'email', person);
    const link = due.kind === 'closed' ? undefined : newLink(publicUrl, notice, person);
    if (link !== undefined && !(await links.add(link.stored))) {
      await surfaces.gone(surface, 'mail_limit');
      return undefined;
    }
    const result = await deliver(notice, surface, address, due, link?.url);
    switch (result.kind) {
      case 'sent':
        await surfaces.shown(
          surface,
          notice.version,
          messageIdOf(from, notice, surface),
          textOf(buildLetter(notice, due)),
        );
        return undefined;
      case 'refused':
        if (link !== undefined) await links.withdraw(notice.tenant, link.stored.tokenHash);
        await surfaces.gone(surface, result.code);
        return undefined;
      case 'failed':
        if (link !== undefined && !result.perhaps) await links.withdraw(notice.tenant, link.stored.tokenHash);
        if (link !== undefined || !result.perhaps) return result.code;
        // That nothing is left to do is a courtesy: rather told by no mail than by many.
        await surfaces.gone(surface, result.code);
        return undefined;
    }
  }

  async function deliver(
    notice: Notice,
    surface: string,
    to: string,
    due: DueMail,
    url: string | undefined,
  ): Promise<MailResult> {
    const letter = buildLetter(notice, due, url);
    const first = messageIdOf(from, notice, surfaceOf(surface.split('/')[1] ?? '', { kind: 'asked' }));
    return await send({
      to,
      subject: letter.subject,
      text: textOf(letter),
      html: htmlOf(letter),
      messageId: messageIdOf(from, notice, surface),
      ...(due.kind !== 'asked' && { inReplyTo: first }),
    });
  }
}

/** The token is in the mail alone. */
function newLink(publicUrl: string, { tenant, request, digest, deadline }: Notice, person: string) {
  const token = randomBytes(32).toString('base64url');
  const tokenHash = hash('sha256', token, 'buffer');
  return {
    url: `${publicUrl}/approvals/${token}`,
    stored: { tenant, tokenHash, request, person, digest, expiresAt: deadline },
  };
}

function messageIdOf(from: string, { tenant, request }: Notice, surface: string): string {
  const name = hash('sha256', [tenant, request, surface].join('\0'), 'hex').slice(0, 40);
  return `<${name}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}
