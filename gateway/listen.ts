import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { type Hono } from 'hono';
import { within } from './within';

/** Slow senders hold a socket no longer than this; bodies are small. */
const REQUEST_MS = 15_000;
/** Longer than the longest long poll, so that a connection that waits is not taken for an idle one. */
const KEEP_ALIVE_MS = 65_000;

export interface Listening {
  readonly port: number;
  /**
   * Lets the requests in hand finish for `withinMs`, answering others meanwhile, and for `noticeMs` at least, so that probes are told; then takes no more
   * connections, and ends those that are left.
   */
  close(times: { readonly withinMs: number; readonly noticeMs: number }): Promise<void>;
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
  const inHand = countRequests(server);
  return {
    port: (server.address() as AddressInfo).port,
    close: async ({ withinMs, noticeMs }) => {
      const until = performance.now() + withinMs;
      await Promise.all([sleep(noticeMs), within(withinMs, inHand.none())]);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), Math.max(0, until - performance.now()));
      await closed;
      clearTimeout(timer);
    },
  };
}

/** Counts the requests that are not answered yet. `none` resolves as soon as there is none. */
function countRequests(server: Server): { none(): Promise<void> } {
  let count = 0;
  let told: () => void = () => undefined;
  server.on('request', (_, response) => {
    count += 1;
    response.once('close', () => {
      count -= 1;
      if (count === 0) told();
    });
  });
  return { none: () => new Promise<void>((resolve) => (count === 0 ? resolve() : (told = resolve))) };
}
