import { createServer, type ServerResponse } from 'node:http';
import { NOT_READY } from '../domain/not-ready';
import { type Readiness } from '../telemetry/create-readiness';
import { type ScraperCheck } from '../telemetry/create-scraper-check';

export interface OperatorsListenerOptions {
  readonly hostname: string;
  readonly port: number;
  readonly readiness: Readiness;
  /** Where the runtime tells its metrics; it can tell nobody apart, so it does so on this machine alone. */
  readonly metricsUrl: string;
  readonly mayScrape: ScraperCheck;
}

/** A probe is one line, and a scrape another: whoever takes longer to ask holds a socket for nothing. */
const REQUEST_MS = 5_000;

/** Probes and metrics of a worker; nothing else can be asked of it. */
export async function listenToOperators(options: OperatorsListenerOptions): Promise<{ close(): Promise<void> }> {
  const limits = {
    requestTimeout: REQUEST_MS,
    headersTimeout: REQUEST_MS,
    // How late somebody may be found to be late; half a minute otherwise.
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
  };
  const server = createServer(limits, (request, response) => {
    const { method, url, headers } = request;
    if (method !== 'GET') return end(response, 405, { code: 'method_not_allowed' });
    void answer(options, url ?? '', headers.authorization, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.hostname, resolve);
  });
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  { readiness, metricsUrl, mayScrape }: OperatorsListenerOptions,
  path: string,
  authorization: string | undefined,
  response: ServerResponse,
): Promise<void> {
  if (path === '/livez') return end(response, 200, { live: true });
  if (path === '/readyz') {
    const reasons = await readiness.reasons();
    if (reasons.length === 0) return end(response, 200, { ready: true, missing: [] });
    const missing = reasons.map((code) => ({ code, message: NOT_READY[code] }));
    return end(response, 503, { ready: false, missing });
  }
  if (path !== '/metrics') return end(response, 404, { code: 'not_found' });
  if (!mayScrape(authorization)) return end(response, 401, { code: 'unauthenticated' });
  try {
    const metrics = await fetch(metricsUrl, { signal: AbortSignal.timeout(5_000) });
    // All of it before a word is answered: it may break off.
    const text = await metrics.text();
    response.writeHead(metrics.status, { 'content-type': metrics.headers.get('content-type') ?? 'text/plain' });
    response.end(text);
  } catch {
    // A scrape that fails is told by its absence.
    end(response, 503, { code: 'not_ready' });
  }
}

function end(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
