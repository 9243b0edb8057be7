import { hash, randomBytes, randomInt } from 'node:crypto';
import { type Context } from 'hono';
import { html } from 'hono/html';
import { type Letter, htmlOf, subjectOf, textOf } from '../../channels/email/letter';
import { issueMailCode, withdrawMailCode } from '../../db/mail-codes';
import { withTenant } from '../../db/with-tenant';
import { visibleText } from '../../domain/visible-text';
import { page, sentence } from './layout';
import { type MailDeps } from './mail-deps';
import { type OpenedLink, openLink, wantsReason } from './opened-link';
import { type DecisionForm, readForm } from './read-form';
import { showOver } from './show-approval';

/** Sends a code to the addressee, whoever pressed the button: a link that was passed on decides nothing. */
export async function askCode(deps: MailDeps, c: Context): Promise<Response> {
  const link = await openLink(deps, c);
  const { choice, reason } = await readForm(c);
  const { tenant, tokenHash, token, notice, person, address } = link;
  if (link.over !== undefined || address === null) return await showOver(c, link, link.over ?? '');
  if (reason === undefined && (choice === 'deny' || wantsReason(link)))
    return await sentence(c, 422, 'A reason is needed', 'Go back and say why; the owner of the agent will read it.');
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const codeHash = codeHashOf(token, choice, code);
  const issued = await withTenant(deps.pool, tenant, (client) => issueMailCode(client, tenant, tokenHash, codeHash));
  if (!issued)
    return await sentence(
      c,
      429,
      'No more codes',
      'This link has had three codes. Decide on the command line instead.',
    );
  const letter = codeLetter(link, choice, code);
  const result = await deps.mail.send({
    to: address,
    subject: letter.subject,
    text: textOf(letter),
    html: htmlOf(letter),
    messageId: `<${randomBytes(16).toString('hex')}@${deps.mail.from.slice(deps.mail.from.lastIndexOf('@') + 1)}>`,
  });
  if (result.kind !== 'sent') {
    deps.log.warn({ tenant, request: notice.request, code: result.code }, 'a code could not be sent');
    if (result.kind === 'refused' || !result.perhaps)
      await withTenant(deps.pool, tenant, (client) => withdrawMailCode(client, tenant, tokenHash, codeHash));
    return await sentence(
      c,
      503,
      'No code was sent',
      'The mail server does not take it now. Nothing is decided; try again.',
    );
  }
  return await page(c, 200, `Type the code to ${choice}`, codeForm(person, token, choice, reason));
}

/** Bound to the link and to the choice: a code to deny approves nothing, and who reads the database alone cannot find it by trying all. */
export function codeHashOf(token: string, choice: DecisionForm['choice'], code: string): Buffer {
  return hash('sha256', [token, choice, code].join('\0'), 'buffer');
}

function codeLetter({ notice }: OpenedLink, choice: DecisionForm['choice'], code: string): Letter {
  const lines = [
    `Code to ${choice}: ${code}`,
    visibleText(notice.card.headline),
    'It is good for ten minutes, for this choice and for this request.',
    `If you did not just press «${choice}», somebody else has your mail: tell nobody the code, and tell whoever runs Countersign.`,
  ];
  return {
    subject: subjectOf(`Code to ${choice}: ${notice.card.headline}`),
    sections: [{ title: 'Your code', lines }],
  };
}

function codeForm(person: string, token: string, choice: DecisionForm['choice'], reason: string | undefined): unknown {
  return html`<p>A code went to the mailbox of ${person}. Nothing is decided yet.</p>
    <form method="post" action="/approvals/${token}/votes">
      <input type="hidden" name="choice" value="${choice}" />
      <input type="hidden" name="reason" value="${reason ?? ''}" />
      <p>
        <label>Code <input name="code" inputmode="numeric" maxlength="12" autocomplete="off" required /></label>
      </p>
      <p><button>${choice === 'approve' ? 'Approve' : 'Deny'}</button></p>
    </form>`;
}
