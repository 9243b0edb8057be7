/** RFC 5321, 4.5.3.1.6: with its CRLF. */
const MAX_LINE = 1_000;
const NEEDED = [/^message-id: *<[^<>\s]+@[^<>\s]+>\r?$/im, /^date: \S/im, /^from: \S/im, /^to: \S/im];

/** Why a mail server that is strict would refuse these bytes; undefined if it would not. */
export function wireFault(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  if (/(^|[^\r])\n|\r(?!\n)/.test(text)) return 'a bare CR or LF';
  if (text.split('\r\n').some((line) => line.length + 2 > MAX_LINE)) return 'a line of more than 998 characters';
  const headers = text.slice(0, text.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  const missing = NEEDED.find((header) => !header.test(headers));
  return missing === undefined ? undefined : `a header missing: ${missing.source}`;
}
