import { type SignedBundle } from './bundle-format';
import { CLIENT_BUNDLE_FORMAT, type SignedClientBundle } from './client-bundle-format';
import { clientContent } from './client-content';

/** What agents get of a bundle that `openBundle` has accepted; `undefined` where they get nothing. */
export function clientBundleOf({ content, client }: SignedBundle): SignedClientBundle | undefined {
  const part = clientContent(content);
  return part === undefined || client === undefined
    ? undefined
    : { format: CLIENT_BUNDLE_FORMAT, ...client, content: part };
}
