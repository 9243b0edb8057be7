/**
 * What an agent signs with a key that it registers, so that nobody registers a key that is another's. It names what the key is registered by, and
 * so is of no use for anything else: the SHA-256 of the secret in hex, or the thumbprint of the key before it.
 */
export function proofOfKey(how: 'enrol' | 'rotate', by: string, x: string): string {
  return `countersign/${how}/v1\n${by}\n${x}`;
}
