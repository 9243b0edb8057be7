/** A stable word for what went wrong. Messages of libraries may quote addresses, and so passwords; codes do not. */
export function reasonOf(error: unknown): string {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown };
  // gRPC's code is in the cause of what the SDK throws, as that of a socket is in the cause of what fetch throws.
  if (typeof code === 'string' && /^[\w.-]{1,60}$/.test(code)) return code;
  if (typeof code === 'number') return `code ${String(code)}`;
  if (cause !== undefined) return reasonOf(cause);
  return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : 'unknown';
}
