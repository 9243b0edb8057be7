/**
 * The plain form of RFC 5322's addr-spec, and nothing else: no quotes, comments, display names, line breaks, IP literals, and ASCII alone, so that
 * what a person reads is where a mail goes. 64 and 254 characters are the limits of RFC 5321.
 */
const MAIL_ADDRESS =
  /^(?=.{3,254}$)(?=[^@]{1,64}@)[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

export function isMailAddress(text: string): boolean {
  return MAIL_ADDRESS.test(text);
}

/** Words as a name is written: no control characters, no characters that turn or hide what follows, nothing that makes a name look like an address. */
const PERSON_NAME = /^(?! )[^\p{C}\p{Zl}\p{Zp}<>@"]{1,200}(?<! )$/u;

export function isPersonName(text: string): boolean {
  return PERSON_NAME.test(text);
}
