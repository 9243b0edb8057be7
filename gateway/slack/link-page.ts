import { hash } from 'node:crypto';
import { type Context } from 'hono';
import { html } from 'hono/html';
import { type Linked, linkSlackByCode } from '../../db/slack-links';
import { withTenant } from '../../db/with-tenant';
import { callerOf } from '../caller';
import { readBytes } from '../read-body';
import { type SlackDeps } from './slack-deps';

/** A code and a login token. */
const MAX_BYTES = 4_096;
const CODE = /^[\w-]{32}$/;

const SENTENCES: Readonly<Record<Linked, string>> = {
  linked: 'Linked. Close this page, go back to Slack and press again.',
  link_expired: 'This link was used, or its ten minutes are over. Press the button in Slack again for another.',
  identity_taken: 'This Slack account, or this login, is linked already. An admin can take the link away.',
  not_found: 'This login is nobody’s any more.',
};

/** Asks who you are. Opening it does nothing: programs open links too. */
export function linkPage(c: Context): Response | Promise<Response> {
  return page(
    c,
    200,
    html`<p>
        Whose is the Slack account in which you pressed the button? Show that you are that person: give the login token
        that you use here.
      </p>
      <form method="post">
        <p>
          <label>Login token <input type="password" name="token" autocomplete="off" required /></label>
        </p>
        <p><button type="submit">Link my account</button></p>
      </form>`,
  );
}

/** Links the account that was given the code to whoever holds the login token. */
export async function takeLink(deps: SlackDeps, c: Context): Promise<Response> {
  const form = new URLSearchParams((await readBytes(c.req.raw, MAX_BYTES)).toString('utf8'));
  const code = c.req.param('code') ?? '';
  const caller = await callerOf(deps.pool, `Bearer ${form.get('token') ?? ''}`, ['person']);
  if (caller?.tenant !== deps.slack.tenant) {
    deps.strangers.add('unknown_credentials', 'slack-link');
    return await page(c, 401, html`<p>Nobody here has that login token. Go back and try again.</p>`);
  }
  const { tenant } = deps.slack;
  const result = CODE.test(code)
    ? await withTenant(deps.pool, tenant, (client) =>
        linkSlackByCode(client, tenant, caller.id, hash('sha256', code, 'buffer')),
      )
    : 'link_expired';
  return await page(c, result === 'linked' ? 200 : 409, html`<p>${SENTENCES[result]}</p>`);
}

function page(c: Context, status: 200 | 401 | 409, content: unknown): Response | Promise<Response> {
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>Countersign: link a Slack account</title>
        </head>
        <body>
          <h1>Link a Slack account</h1>
          ${content}
        </body>
      </html>`,
    status,
  );
}
