import { type MailLink } from '../../domain/mail-link';

/** Links as the sender of mails sees them. One is written down before its mail goes out, so that they also count the mails. */
export interface MailLinks {
  /** False: this person has had as many mails about this request as anybody gets. */
  add(link: MailLink): Promise<boolean>;
  /** For a mail that is known not to have gone out. */
  readonly withdraw: (tenant: string, tokenHash: Buffer) => Promise<void>;
}
