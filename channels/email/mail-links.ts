/** What a mail leads to, as it is stored: never the token, only its SHA-256. */
export interface MailLink {
  readonly tenant: string;
  readonly tokenHash: Buffer;
  readonly request: string;
  readonly person: string;
  readonly digest: string;
  readonly expiresAt: string;
}

/** Links as the sender of mails sees them. One is written down before its mail goes out, so that they also count the mails. */
export interface MailLinks {
  /** False: this person has had as many mails about this request as anybody gets. */
  add(link: MailLink): Promise<boolean>;
  /** For a mail that is known not to have gone out. */
  readonly withdraw: (tenant: string, tokenHash: Buffer) => Promise<void>;
}
