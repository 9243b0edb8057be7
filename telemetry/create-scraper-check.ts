import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether metrics may be told to whoever sent this header. */
export type ScraperCheck = (authorization: string | undefined) => boolean;

/** Without a token nobody may be told in production, and anybody on this machine elsewhere. */
export function createScraperCheck(token: string | undefined, production: boolean): ScraperCheck {
  if (token === undefined) return () => !production;
  const wanted = hash(`Bearer ${token}`);
  return (authorization) => timingSafeEqual(hash(authorization ?? ''), wanted);
}

/** Of one length, whatever was sent. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
