import { hash } from 'node:crypto';
import { type Context } from 'hono';
import { html } from 'hono/html';
import { findLinkCode, type Linked, linkSlackByCode, type SlackAccount } from '../../db/slack-links';
import { withTenant } from '../../db/with-tenant';
import { visibleText } from '../../domain/visible-text';
import { callerOf } from '../caller';
import { readBytes } from '../read-body';
import { type SlackDeps } from './slack-deps';

/** A code and a login token. */
const MAX_BYTES = 4_096;

const SENTENCES: Readonly<Record<Linked, string>> = {
  linked: 'Linked. Close this page, go back to Slack and press again.',
  link_expired: 'This link was used, or its ten minutes are over. Press the button in Slack again for another.',
  identity_taken: 'This Slack account, or this login, is linked already. An admin can take the link away.',
  not_found: 'This login is nobody’s any more.',
};

/**
 * Says which Slack account would be linked, and asks who you are. Whoever was sent somebody else's link must be able to see that: what that account
 * presses would count as theirs. Opening it does nothing, for programs open links too.
 */
export async function linkPage(deps: SlackDeps, c: Context): Promise<Response> {
  const account = await accountOf(deps, c);
  if (account === undefined) return await page(c, 409, html`<p>${SENTENCES.link_expired}</p>`);
  const name = await deps.slack.voice.nameOf(account.user);
  const called = name.ok && name.value !== '' ? `${visibleText(name.value)} (${account.user})` : account.user;
  return await page(
    c,
    200,
    html`<p>
        This links the Slack account <strong>${called}</strong> to you: whatever is pressed there will count as yours.
      </p>
      <p>Did somebody send you this page? Then it is their account, not yours. Close it, and tell your admin.</p>
      <form method="post">
        <p>
          <label
            ><input type="checkbox" name="mine" value="${account.user}" required /> ${called} is my own account, and I
            pressed the button there</label
          >
        </p>
        <p>
          <label
            >Login token that you use here <input type="password" name="token" autocomplete="off" required
          /></label>
        </p>
        <p><button type="submit">Link my account</button></p>
      </form>`,
  );
}

/** Links the account that was given the code to whoever holds the login token, and says that it is theirs. */
export async function takeLink(deps: SlackDeps, c: Context): Promise<Response> {
  const form = new URLSearchParams((await readBytes(c.req.raw, MAX_BYTES)).toString('utf8'));
  const account = await accountOf(deps, c);
  if (account === undefined) return await page(c, 409, html`<p>${SENTENCES.link_expired}</p>`);
  if (form.get('mine') !== account.user)
    return await page(c, 409, html`<p>Say that the account is yours. Nothing was linked.</p>`);
  const caller = await callerOf(deps, `Bearer ${form.get('token') ?? ''}`, ['person']);
  if (caller?.tenant !== deps.slack.tenant) {
    deps.strangers.add('unknown_credentials', 'slack-link');
    return await page(c, 401, html`<p>Nobody here has that login token. Go back and try again.</p>`);
  }
  const { tenant } = deps.slack;
  const result = await withTenant(deps.pool, tenant, (client) =>
    linkSlackByCode(client, tenant, caller.id, codeHash(c)),
  );
  return await page(c, result === 'linked' ? 200 : 409, html`<p>${SENTENCES[result]}</p>`);
}

async function accountOf(deps: SlackDeps, c: Context): Promise<SlackAccount | undefined> {
  const { tenant } = deps.slack;
  return await withTenant(deps.pool, tenant, (client) => findLinkCode(client, tenant, codeHash(c)));
}

function codeHash(c: Context): Buffer {
  return hash('sha256', c.req.param('code') ?? '', 'buffer');
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
