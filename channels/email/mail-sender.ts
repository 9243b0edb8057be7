import { type MailResult } from './mail-result';

/** One mail to one person, in words that are already safe to show. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** With its angle brackets. The same mail sent again has the same one. */
  readonly messageId: string;
  /** The Message-ID of the mail that this one belongs under. */
  readonly inReplyTo?: string;
}

/** Never throws: a mail server that is away is an answer like any other. */
export type MailSender = (mail: Mail) => Promise<MailResult>;
