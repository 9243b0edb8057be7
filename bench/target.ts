import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface BenchTarget {
  readonly url: string;
  /** When each payment was asked for, in ms since 1970, and under which idempotency key. */
  payments(): readonly { readonly at: number; readonly key: string }[];
  /** For each credential whose first revocation was refused: how long until the second came, in ms. */
  revocationDelaysMs(): readonly number[];
  stop(): Promise<void>;
}

/** Payments for an invoice of this name meet a service that refuses the first revocation of their credential. */
export const LATE = 'LATE-';

/**
 * The service that every shape calls, so that all pay the same for it: it answers at once, and proves nothing. How strict a target can be,
 * the demo's show.
 */
export async function startBenchTarget(): Promise<BenchTarget> {
  const refusedAt = new Map<string, number>();
  const late = new Set<string>();
  const delaysMs: number[] = [];
  const payments: { at: number; key: string }[] = [];

  function answer({ method = '', url = '', headers }: IncomingMessage, body: string): [number, object?] {
    const jti = /^\/tokens\/([^/]+)\/revoke$/.exec(url)?.[1];
    if (jti !== undefined) return [revoke(jti)];
    if (method !== 'POST') return [404, {}];
    payments.push({ at: Date.now(), key: String(headers['idempotency-key']) });
    const payment = JSON.parse(body) as Readonly<Record<string, unknown>>;
    if (String(payment['invoiceId']).startsWith(LATE)) late.add(jtiOf(headers.authorization));
    return [201, { id: `payment-${String(headers['idempotency-key'])}`, ...payment, state: 'paid' }];
  }

  function revoke(jti: string): number {
    if (late.delete(jti)) {
      refusedAt.set(jti, performance.now());
      return 503;
    }
    const since = refusedAt.get(jti);
    if (since !== undefined) delaysMs.push(performance.now() - since);
    refusedAt.delete(jti);
    return 204;
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => reply(response, ...answer(request, Buffer.concat(chunks).toString())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    payments: () => payments,
    revocationDelaysMs: () => delaysMs.splice(0),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function reply(response: ServerResponse, status: number, body?: object): void {
  response.writeHead(status, body && { 'content-type': 'application/json' });
  response.end(body && JSON.stringify(body));
}

function jtiOf(authorization = ''): string {
  const claims = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { jti: string }).jti;
}
