import { type MailSender } from '../../channels/email/mail-sender';
import { type GatewayDeps } from '../deps';

/** What the pages behind mails are wired from, where mail is set up. */
export interface MailDeps extends Omit<GatewayDeps, 'pages'> {
  readonly mail: { readonly send: MailSender; readonly from: string };
}
