import { isUtf8 } from 'node:buffer';
import { isValidSlackRequest } from '@slack/bolt';

export interface SignedRequest {
  readonly body: Buffer;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
}

/** As long as Slack's own libraries accept one. Both ways: a request from the future would otherwise be good for longer. */
export const MAX_SKEW_S = 300;

/**
 * Whether Slack signed these very bytes, now. The library compares in constant time and refuses what is old; what it lets through or stumbles over
 * (the future, a missing header, a timestamp that is no number) is refused here, and so is what it would read as something else that was signed:
 * it takes the timestamp as a number and the body as text. Two secrets hold while one is being replaced.
 */
export function isFromSlack(
  { body, signature, timestamp }: SignedRequest,
  secrets: readonly string[],
  nowMs: number,
): boolean {
  if (signature === undefined || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  if (timestamp === undefined || !/^[1-9][0-9]{0,11}$/.test(timestamp)) return false;
  if (!isUtf8(body)) return false;
  if (Math.abs(nowMs / 1_000 - Number(timestamp)) > MAX_SKEW_S) return false;
  const headers = { 'x-slack-signature': signature, 'x-slack-request-timestamp': Number(timestamp) };
  return secrets.some((signingSecret) =>
    isValidSlackRequest({ signingSecret, body: body.toString('utf8'), headers, nowMilliseconds: nowMs }),
  );
}
