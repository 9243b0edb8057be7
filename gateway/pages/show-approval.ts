import { type Context } from 'hono';
import { html } from 'hono/html';
import { closing } from '../../channels/email/build-letter';
import { requestSections } from '../../channels/email/request-sections';
import { visibleText } from '../../domain/visible-text';
import { page } from './layout';
import { type MailDeps } from './mail-deps';
import { type OpenedLink, openLink, wantsReason } from './opened-link';

/** Shows everything and does nothing: mail gateways open links before people do. */
export async function showApproval(deps: MailDeps, c: Context): Promise<Response> {
  const link = await openLink(deps, c);
  if (link.over !== undefined) return await showOver(c, link, link.over);
  const { notice, person, token } = link;
  const reason = wantsReason(link) ? 'Reason' : 'Reason (needed to deny)';
  return await page(
    c,
    200,
    visibleText(notice.card.headline),
    html`<p>This waits for <strong>${person}</strong>, and only they can decide by this link.</p>
      ${requestSections(notice, Infinity).map(
        ({ title, lines }) =>
          html`<h2>${title}</h2>
            ${lines.map((line) => html`<p>${line}</p>`)}`,
      )}
      <h2>Decide</h2>
      <form method="post" action="/approvals/${token}/code">
        <p>
          <label>${reason} <input name="reason" maxlength="1000" size="60" autocomplete="off" /></label>
        </p>
        <p>
          <button name="choice" value="approve">Approve …</button>
          <button name="choice" value="deny">Deny …</button>
        </p>
        <p>Either sends a code to the mailbox of ${person}. Nothing is decided until that code is typed in.</p>
      </form>`,
  );
}

/** What became of it, and no more: an old mail in a mailbox is no way to the parameters for ever. */
export async function showOver(c: Context, { notice }: OpenedLink, over: string): Promise<Response> {
  const became = notice.state === 'open' ? over : `${closing(notice, notice.state)} ${over}`;
  const status = c.req.method === 'POST' ? 409 : 410;
  return await page(c, status, visibleText(notice.card.headline), html`<p>${visibleText(became)}</p>`);
}
