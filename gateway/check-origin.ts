import { RequestRefused } from './request-refused';

/** A file, or a browser's extension, is no page of ours. */
const WEB = /^https?:$/;

/**
 * Refuses what a web page could make a browser send here: a request to a foreign name that resolves to this machine (DNS rebinding), and one
 * from a page of another origin. Programs send no `Origin`; our own pages send the host that they were loaded from.
 */
export function checkOrigin(
  headers: { readonly host: string; readonly origin: string | undefined },
  hostNames: readonly string[],
): void {
  const host = URL.parse(`http://${headers.host}`);
  if (host === null || !hostNames.includes(host.hostname)) {
    throw new RequestRefused('forbidden', { detail: 'The request was addressed to a host name that is not ours.' });
  }
  if (headers.origin === undefined) return;
  const origin = URL.parse(headers.origin);
  if (
    origin === null ||
    !WEB.test(origin.protocol) ||
    origin.host !== new URL(`${origin.protocol}//${headers.host}`).host
  ) {
    throw new RequestRefused('forbidden', { detail: 'The request came from a web page of another origin.' });
  }
}
