const COMPACT = /^[A-Za-z0-9_-]{1,1024}\.[A-Za-z0-9_-]{1,1024}\.[A-Za-z0-9_-]{86}$/;

/** Three parts in base64url, each written in the one way there is: what two readers could read differently is none. The last is an Ed25519 signature. */
export function isCompactJws(text: string): boolean {
  return (
    COMPACT.test(text) && text.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
  );
}
