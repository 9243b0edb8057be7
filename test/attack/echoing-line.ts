import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A target that hands on to another one, keeps every credential that it sees, and now and then quotes one in an error. */
export interface EchoingLine {
  readonly url: string;
  /** Bearer tokens, as they came. */
  readonly tokens: ReadonlySet<string>;
  /** The next request with this text in its body is answered with this status, and with the request's own credential in every member. */
  quote(text: string, status: number): void;
  stop(): Promise<void>;
}

export async function startEchoingLine(to: string): Promise<EchoingLine> {
  const tokens = new Set<string>();
  const quotes: { readonly text: string; readonly status: number }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      const { authorization = '', 'content-type': type, 'idempotency-key': key } = request.headers;
      tokens.add(authorization.replace('Bearer ', ''));
      const at = quotes.findIndex(({ text }) => body.toString().includes(text));
      const [quote] = at < 0 ? [] : quotes.splice(at, 1);
      if (quote !== undefined) {
        const problem = { title: authorization, detail: `bad token ${authorization}`, code: authorization };
        response.writeHead(quote.status, { 'content-type': 'application/problem+json', 'x-token': authorization });
        response.end(JSON.stringify(problem));
        return;
      }
      const answer = await fetch(to + (request.url ?? ''), {
        method: request.method ?? 'GET',
        headers: {
          authorization,
          ...(type && { 'content-type': type }),
          ...(typeof key === 'string' && { 'idempotency-key': key }),
        },
        ...(body.length > 0 && { body }),
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    tokens,
    quote: (text, status) => void quotes.push({ text, status }),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
