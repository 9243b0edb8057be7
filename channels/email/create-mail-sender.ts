import { PassThrough } from 'node:stream';
import { createTransport } from 'nodemailer';
import { mailResultOf } from './mail-result';
import { type MailSender } from './mail-sender';

/** Long for any server that works, and short for the loop that waits for it. */
const TIMEOUTS = { dnsTimeout: 3_000, connectionTimeout: 3_000, greetingTimeout: 3_000, socketTimeout: 5_000 };

/** A program wrote this: nobody's absence note shall answer, and no list shall take it for a person's. RFC 3834; the second is Microsoft's. */
const MACHINE_HEADERS = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' };

/** Hands mail to the one server, over a connection for each: nothing is kept that could have died unnoticed. */
export function createMailSender({ url, from }: { readonly url: string; readonly from: string }): MailSender {
  return async ({ to, subject, text, html, messageId, inReplyTo }) => {
    const transport = createTransport({ url, ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true });
    // The message is asked for after the login: whatever fails before that is known not to have sent anything.
    let begun = false;
    transport.use('stream', (mail, done) => {
      mail.message.transform(() => {
        begun = true;
        return new PassThrough();
      });
      done();
    });
    const thread = inReplyTo === undefined ? {} : { inReplyTo, references: inReplyTo };
    try {
      await transport.sendMail({
        from: { name: 'Countersign', address: from },
        to: { name: '', address: to },
        ...{ subject, text, html, messageId, ...thread },
        headers: MACHINE_HEADERS,
      });
      return { kind: 'sent' };
    } catch (error) {
      return mailResultOf(error, begun);
    } finally {
      transport.close();
    }
  };
}
