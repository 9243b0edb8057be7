import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Hono } from 'hono';

/** Slow senders hold a socket no longer than this; bodies are small. */
const REQUEST_MS = 15_000;
/** Longer than the longest long poll, so that a connection that waits is not taken for an idle one. */
const KEEP_ALIVE_MS = 65_000;

export interface Listening {
  readonly port: number;
  /** Takes no more connections, lets the requests in hand finish for `withinMs`, and then ends them. */
  close(withinMs: number): Promise<void>;
}

/** Listens. Resolves when it does; rejects when it cannot. */
export async function listen(app: Hono, hostname: string, port: number): Promise<Listening> {
  const serverOptions = {
    requestTimeout: REQUEST_MS,
    headersTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: 16_384,
  };
  const server = serve({ fetch: app.fetch, hostname, port, serverOptions }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async (withinMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), withinMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
