import { LogLevel, WebClient } from '@slack/web-api';
import { faultOf, type SlackFault } from './slack-fault';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: SlackFault };

/** One call of the Web API, made once. What goes wrong is an answer too. */
export type Call = <T>(
  method: string,
  args: Record<string, unknown>,
  read: (answer: unknown) => T,
) => Promise<Answer<T>>;

/** Slack usually answers in a tenth of a second. */
const TIMEOUT_MS = 5_000;

/** Slack's own client, with what it does by itself turned off: to wait for half an hour, to queue, to follow addresses, to log what is sent. */
export function createWebClient({
  botToken,
  apiUrl,
}: {
  readonly botToken: string;
  readonly apiUrl?: string;
}): WebClient {
  return new WebClient(botToken, {
    ...(apiUrl !== undefined && { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: TIMEOUT_MS,
    allowAbsoluteUrls: false,
    logger: SILENT,
  });
}

export function callOf(web: WebClient): Call {
  return async (method, args, read) => {
    try {
      return { ok: true, value: read(await web.apiCall(method, args)) };
    } catch (error) {
      return { ok: false, fault: faultOf(error) };
    }
  };
}

const nothing = (): void => undefined;
const SILENT = {
  ...{ debug: nothing, info: nothing, warn: nothing, error: nothing, setLevel: nothing, setName: nothing },
  getLevel: () => LogLevel.ERROR,
};
