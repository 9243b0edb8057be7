import { BundleRefused } from './bundle-refused';

/** Data may be 16 MB (`bundle/files/list-files`); with escapes and the policy itself a bundle stays far below this. */
const MAX_BYTES = 67_108_864;

/** The JSON of a bundle's file, of which nothing is known yet. @throws BundleRefused */
export function parseBundle(file: Uint8Array | string): unknown {
  if (file.length > MAX_BYTES) throw new BundleRefused('unreadable', `it is larger than ${String(MAX_BYTES)} bytes.`);
  try {
    return JSON.parse(typeof file === 'string' ? file : new TextDecoder('utf-8', { fatal: true }).decode(file));
  } catch (error) {
    throw new BundleRefused('unreadable', 'it is not JSON.', { cause: error });
  }
}
