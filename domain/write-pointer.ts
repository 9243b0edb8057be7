/** The JSON Pointer (RFC 6901) that leads along these names and indices; `readPointer` goes the way back. */
export function writePointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
