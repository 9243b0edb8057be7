export type MailResult =
  | { readonly kind: 'sent' }
  /** The server will never take this mail for this address. */
  | { readonly kind: 'refused'; readonly code: string }
  /** `perhaps`: it may have arrived all the same, for the server was handed it and did not answer. */
  | { readonly kind: 'failed'; readonly code: string; readonly perhaps: boolean };

interface SmtpFailure {
  readonly code?: unknown;
  readonly command?: unknown;
  readonly responseCode?: unknown;
}

/** What a failure of sending means. `begun`: the conversation about this mail had begun. The words of the server are kept from logs: they may quote the mail. */
export function mailResultOf(error: unknown, begun: boolean): MailResult {
  const { code, command, responseCode } = (error ?? {}) as SmtpFailure;
  if (typeof responseCode !== 'number')
    return {
      kind: 'failed',
      code: typeof code === 'string' ? `smtp_${code.toLowerCase()}` : 'smtp_failed',
      perhaps: begun,
    };
  const name = `smtp_${String(responseCode)}`;
  const aboutThisMail = command === 'RCPT TO' || command === 'DATA';
  return responseCode >= 500 && aboutThisMail
    ? { kind: 'refused', code: name }
    : { kind: 'failed', code: name, perhaps: false };
}
