import { type Context } from 'hono';

/** The address of the connection; absent where there is no socket. */
export function sourceOf(c: Pick<Context, 'env'>): string {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return env?.incoming?.socket?.remoteAddress ?? 'unknown';
}
