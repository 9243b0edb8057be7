import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';

/**
 * Why Slack did not do as it was asked. `retry`: it may later. `gone`: that message or place is no longer ours to write to. `broken`: nothing works
 * until somebody mends the app, its token or its rights.
 */
export interface SlackFault {
  readonly kind: 'retry' | 'gone' | 'broken';
  /** `slack.` and Slack's own word: stable, and free of whatever was sent. */
  readonly code: string;
  readonly retryAfterMs?: number;
}

const GONE = new Set([
  ...['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found'],
  ...['channel_not_found', 'is_archived', 'not_in_channel', 'restricted_action'],
  ...['user_not_found', 'user_disabled', 'cannot_dm_bot', 'messages_tab_disabled'],
]);

const BROKEN = new Set([
  ...['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired', 'team_access_not_granted'],
  ...[
    'missing_scope',
    'no_permission',
    'not_allowed_token_type',
    'org_login_required',
    'ekm_access_denied',
    'access_denied',
  ],
]);

/** Somebody has to mend it, and is told by the log: once a minute is enough to notice that it works again. */
const BROKEN_RETRY_MS = 60_000;

/** Any error of the client as one of ours. What it says besides may hold what was sent, and is dropped. */
export function faultOf(error: unknown): SlackFault {
  if (error instanceof WebAPIRateLimitedError)
    return { kind: 'retry', code: 'slack.ratelimited', retryAfterMs: error.retryAfter * 1_000 };
  if (error instanceof WebAPIPlatformError) return platformFault(error.data.error);
  if (error instanceof WebAPIHTTPError) return { kind: 'retry', code: `slack.http_${String(error.statusCode)}` };
  if (error instanceof WebAPIRequestError) {
    const timedOut = error.original.name === 'TimeoutError' || error.original.name === 'AbortError';
    return { kind: 'retry', code: timedOut ? 'slack.timeout' : 'slack.unreachable' };
  }
  // A 429 that names no time, an answer that is no JSON: Slack is there, and not well.
  return { kind: 'retry', code: 'slack.unintelligible' };
}

function platformFault(word: string): SlackFault {
  const code = /^[a-z_]{1,60}$/.test(word) ? `slack.${word}` : 'slack.unintelligible';
  if (BROKEN.has(word)) return { kind: 'broken', code, retryAfterMs: BROKEN_RETRY_MS };
  return { kind: GONE.has(word) ? 'gone' : 'retry', code };
}
