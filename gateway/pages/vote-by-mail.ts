import { type Context } from 'hono';
import { tryMailCode, useMailLink } from '../../db/mail-codes';
import { withTenant } from '../../db/with-tenant';
import { FAILURES } from '../../domain/failures';
import { castBallot } from '../cast-ballot';
import { sourceOf } from '../source-of';
import { codeHashOf } from './ask-code';
import { sentence } from './layout';
import { type MailDeps } from './mail-deps';
import { openLink } from './opened-link';
import { readForm } from './read-form';
import { showOver } from './show-approval';

const NO_CODE = 'Every code is good for ten minutes and five tries. Go back to the page of the link for another.';

/** A vote of the addressee, once the code of their mailbox is right. The try is committed before anything else is done. */
export async function voteByMail(deps: MailDeps, c: Context): Promise<Response> {
  const link = await openLink(deps, c);
  const { choice, reason, code = '' } = await readForm(c);
  const { tenant, tokenHash, token, person, digest, notice } = link;
  if (link.over !== undefined) return await showOver(c, link, link.over);
  const tried = await withTenant(deps.pool, tenant, (client) =>
    tryMailCode(client, tenant, tokenHash, codeHashOf(token, choice, code)),
  );
  if (tried === 'none') return await sentence(c, 403, 'There is no code to try', NO_CODE);
  if (tried === 'wrong') {
    deps.strangers.add('wrong_mail_code', sourceOf(c));
    return await sentence(c, 403, 'That is not the code', `Go back and try again. ${NO_CODE}`);
  }

  const ballot = { request: notice.request, person, choice, digest, reason, channel: 'email' as const };
  const cast = await castBallot(deps, tenant, ballot, undefined, (client) => useMailLink(client, tenant, tokenHash));
  if (cast.kind === 'refused') {
    const { sentence: words, status } = FAILURES[cast.code];
    return await sentence(c, status, 'Not recorded', words);
  }
  const said = choice === 'approve' ? 'approved' : 'denied';
  return await sentence(c, 200, 'Recorded', `You ${said} this as ${person}. You can close this page.`);
}
