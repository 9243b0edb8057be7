import { type Context } from 'hono';
import { FAILURES } from '../../domain/failures';
import { errorCode } from '../error-code';
import { type PageRoute } from '../page-route';
import { RequestRefused } from '../request-refused';
import { askCode } from './ask-code';
import { sentence } from './layout';
import { type MailDeps } from './mail-deps';
import { showApproval } from './show-approval';
import { voteByMail } from './vote-by-mail';

type Page = (deps: MailDeps, c: Context) => Promise<Response>;

/** Where the links in mails lead. What goes wrong is told as a page too. */
export function approvalPages(deps: MailDeps): readonly PageRoute[] {
  return [
    { method: 'get', path: '/approvals/{token}', handle: (c) => answered(deps, c, showApproval) },
    { method: 'post', path: '/approvals/{token}/code', handle: (c) => answered(deps, c, askCode) },
    { method: 'post', path: '/approvals/{token}/votes', handle: (c) => answered(deps, c, voteByMail) },
  ];
}

async function answered(deps: MailDeps, c: Context, show: Page): Promise<Response> {
  try {
    return await show(deps, c);
  } catch (error) {
    if (!(error instanceof RequestRefused)) deps.log.error({ err: error }, 'a page failed');
    const code = error instanceof RequestRefused ? error.code : errorCode(error);
    const { sentence: words, status } = FAILURES[code];
    return await sentence(c, status, 'That did not work', words);
  }
}
