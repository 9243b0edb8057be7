/** What a mail leads to, as it is stored: never the token, only its SHA-256. */
export interface MailLink {
  readonly tenant: string;
  readonly tokenHash: Buffer;
  readonly request: string;
  readonly person: string;
  readonly digest: string;
  readonly expiresAt: string;
}
