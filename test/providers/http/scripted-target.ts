import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';
import { type HttpTarget } from '../../../domain/documents';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface ScriptedTarget {
  readonly target: HttpTarget;
  readonly seen: SeenRequest[];
  readonly sockets: Set<Socket>;
  stop(): Promise<void>;
}

/** A target on loopback that answers as the test says, and remembers what it was sent. */
export async function startScriptedTarget(
  reply: (request: SeenRequest, response: ServerResponse) => void,
): Promise<ScriptedTarget> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const it = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      seen.push(it);
      reply(it, response);
    });
  };
  const server = createServer(listener);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    target: targetAt(`http://127.0.0.1:${port}/v1`),
    seen,
    sockets,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/** A target whose operations fit {@link callOf}. */
export function targetAt(address: string): HttpTarget {
  const none = { args: {}, query: {} };
  return {
    id: 'bank',
    provider: 'http',
    address,
    token: { audience: 'bank', revoke: 'forget' },
    limits: { timeoutMs: 10_000, responseBytes: 2_000 },
    operations: {
      pay: {
        method: 'POST',
        path: '/accounts/{account}/payments',
        args: { account: '/params/account' },
        query: {},
        body: { amountMinor: '/params/amountMinor', iban: '/facts/vendor/iban', kind: { const: 'transfer' } },
      },
      byKey: { method: 'GET', path: '/payments', args: {}, query: { key: '/key' } },
      cancel: { method: 'DELETE', path: '/payments/{id}', args: { id: '/steps/pay/id' }, query: {} },
      forget: { method: 'POST', path: '/tokens/{jti}/revoke', args: { jti: '/grant' }, query: {} },
      vendorById: { method: 'GET', path: '/vendors/{id}', ...none },
      addVendor: { method: 'POST', path: '/vendors', ...none },
    },
  };
}
